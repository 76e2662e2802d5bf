package ai.consilium.platform.service;

import ai.consilium.platform.UsageException;
import java.time.Duration;

/**
 * What one record tells of how far this host's clock is from the broker's, which stamped it when it was appended: somewhere between
 * the moment that it was sent and the one that it was acknowledged. Pure.
 *
 * @param sentMs by this host's clock
 * @param appendedMs by the broker's
 * @param acknowledgedMs by this host's
 */
record ClockOffset(long sentMs, long appendedMs, long acknowledgedMs) {
    /** Well under the shortest deadline that one would give a group. */
    static final Duration LARGEST = Duration.ofMinutes(1);

    /** Nothing is known. */
    static final ClockOffset NONE = new ClockOffset(0, 0, 0);

    /** At least how far this clock is ahead of the broker's; negative: behind. */
    Duration least() {
        return Duration.ofMillis(Math.min(0, acknowledgedMs - appendedMs) + Math.max(0, sentMs - appendedMs));
    }

    /**
     * Refuses a clock that is far off: deadlines would be over before they begin, or never, and by the times of its records brokers would remove
     * what was just written.
     *
     * @throws UsageException saying by how much
     */
    void require() {
        Duration least = least();
        if (least.abs().compareTo(LARGEST) > 0) {
            throw new UsageException(
                    "the clock of this host is %s %s the brokers' (by a heartbeat's time); at most %d s are borne: set it, for example by NTP"
                            .formatted(
                                    told(least.abs()),
                                    least.isNegative() ? "behind" : "ahead of",
                                    LARGEST.toSeconds()));
        }
    }

    private static String told(Duration duration) {
        if (duration.toDays() > 1) {
            return duration.toDays() + " days";
        }
        return duration.toHours() > 1 ? duration.toHours() + " hours" : duration.toSeconds() + " s";
    }
}
