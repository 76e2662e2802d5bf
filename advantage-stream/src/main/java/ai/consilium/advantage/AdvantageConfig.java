package ai.consilium.advantage;

import static ai.consilium.platform.config.Require.require;
import static ai.consilium.platform.config.Require.requireAtLeast;

import java.time.Duration;

/**
 * Settings of the advantage stream. Messages name keys as they stand in YAML.
 *
 * @param threads stream threads of a process; more than there are partitions stay idle
 * @param commitInterval length of a transaction: what a group waits at least before learners see it
 * @param deadlineCheckInterval how often deadlines are looked at
 * @param closedRetention how long a closed group is remembered, to tell late records from repeated ones, and how long a
 *     record may wait for its prompt
 */
public record AdvantageConfig(
        int threads, Duration commitInterval, Duration deadlineCheckInterval, Duration closedRetention) {
    private static final Duration SHORTEST_RETENTION = Duration.ofMinutes(1);

    /** Refuses what cannot work. */
    public AdvantageConfig {
        requireAtLeast("threads", 1, threads);
        require(commitInterval.toMillis() >= 1, "commit_interval must be at least 1ms, not " + commitInterval);
        require(
                deadlineCheckInterval.toMillis() >= 1,
                "deadline_check_interval must be at least 1ms, not " + deadlineCheckInterval);
        require(
                closedRetention.compareTo(SHORTEST_RETENTION) >= 0,
                "closed_retention must be at least 1m, as long as records are redelivered, not " + closedRetention);
    }
}
