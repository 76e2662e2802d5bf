package ai.consilium.monitor.watchdog;

import static ai.consilium.platform.config.Require.require;

import java.time.Duration;

/**
 * Bounds of the watchdog, section {@code monitor.watch}.
 *
 * @param absentAfter a stage of which nothing is heard for so long is missing, and one that gets nowhere for so long is stuck
 * @param minFreeMib room that a disk must have
 */
public record WatchConfig(Duration absentAfter, long minFreeMib) {
    /** As in the configuration's defaults. */
    public static final WatchConfig DEFAULT = new WatchConfig(Duration.ofSeconds(15), 1024);

    private static final long BYTES_PER_MIB = 1 << 20;

    /** Checks the bounds. */
    public WatchConfig {
        require(
                absentAfter.compareTo(Duration.ofSeconds(1)) >= 0 && absentAfter.compareTo(Duration.ofHours(1)) <= 0,
                "absent_after: must be 1s to 1h, not " + absentAfter);
        require(minFreeMib >= 0, "min_free_mib: must be 0 (no bound) or more, not " + minFreeMib);
    }

    long minFreeBytes() {
        return minFreeMib * BYTES_PER_MIB;
    }
}
