package ai.consilium.advantage;

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
        require(threads >= 1, "threads", threads, "must be at least 1");
        require(commitInterval.toMillis() >= 1, "commit_interval", commitInterval, "must be at least 1ms");
        require(
                deadlineCheckInterval.toMillis() >= 1,
                "deadline_check_interval",
                deadlineCheckInterval,
                "must be at least 1ms");
        require(
                closedRetention.compareTo(SHORTEST_RETENTION) >= 0,
                "closed_retention",
                closedRetention,
                "must be at least 1m: as long as records are redelivered");
    }

    private static void require(boolean holds, String key, Object value, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(key + ": is " + value + ", " + rule);
        }
    }
}
