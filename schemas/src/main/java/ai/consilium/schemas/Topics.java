package ai.consilium.schemas;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * The one catalogue of topics. Topic creation, serdes, docs/TOPICS.md and the compatibility tests derive from it, so a
 * topic that is not here does not exist.
 */
public enum Topics {
    // Kept: a scheduler that goes on counts them, and numbers the next one by them.
    PROMPTS(
            Prompt.class,
            "group id",
            Partitions.BY_GROUP,
            Cleanup.KEEP,
            List.of(Roles.SCHEDULER),
            List.of(Roles.ROLLOUT, Roles.ADVANTAGE, Roles.SCHEDULER, Roles.MONITOR)),
    TRAJECTORIES(
            Trajectory.class,
            "group id",
            Partitions.BY_GROUP,
            Cleanup.DELETE,
            List.of(Roles.ROLLOUT),
            List.of(Roles.REWARD, Roles.ADVANTAGE, Roles.MONITOR)),
    SCORES(
            Scores.class,
            "group id",
            Partitions.BY_GROUP,
            Cleanup.DELETE,
            List.of(Roles.REWARD),
            List.of(Roles.ADVANTAGE, Roles.MONITOR)),
    TRAINING_GROUPS(
            TrainingGroup.class,
            "policy",
            Partitions.BY_POLICY,
            Cleanup.DELETE,
            List.of(Roles.ADVANTAGE),
            // The merger's process writes lineage: of the groups and their scoring, too.
            List.of(Roles.LEARNER, Roles.MERGER, Roles.MONITOR)),
    // Kept, not compacted: the first record of a group counts, and compaction would keep the last.
    GROUP_OUTCOMES(
            GroupOutcome.class,
            "group id",
            Partitions.ONE,
            Cleanup.KEEP,
            List.of(Roles.ADVANTAGE, Roles.LEARNER, Roles.ROLLOUT, Roles.SCHEDULER),
            List.of(Roles.SCHEDULER, Roles.MONITOR)),
    POLICY_UPDATES(
            PolicyUpdate.class,
            "policy",
            Partitions.ONE,
            Cleanup.KEEP,
            List.of(Roles.LEARNER, Roles.MERGER),
            List.of(Roles.ROLLOUT, Roles.SCHEDULER, Roles.MERGER, Roles.LEARNER, Roles.MONITOR)),
    ADAPTERS(
            AdapterChunk.class,
            "policy/version/chunk",
            Partitions.BY_POLICY,
            Cleanup.COMPACT,
            List.of(Roles.LEARNER, Roles.MERGER),
            List.of(Roles.ROLLOUT, Roles.LEARNER, Roles.MERGER)),
    GRADIENTS(
            GradientShare.class,
            "policy",
            Partitions.BY_POLICY,
            Cleanup.BRIEF,
            List.of(Roles.LEARNER),
            List.of(Roles.LEARNER)),
    SCORING_CONFIGS(
            ScoringConfig.class,
            "hash",
            Partitions.ONE,
            Cleanup.COMPACT,
            List.of(Roles.SCHEDULER),
            List.of(Roles.REWARD, Roles.ADVANTAGE, Roles.MERGER, Roles.SCHEDULER)),
    // Kept, not compacted: the revisions are the history of what the run was.
    RUN_MANIFESTS(RunManifest.class, "run id", Partitions.ONE, Cleanup.KEEP, List.of(Roles.SCHEDULER), Roles.ALL),
    // Small beside what a run samples, and what its page tells after months.
    RUN_EVENTS(RunEvent.class, "run id", Partitions.ONE, Cleanup.HISTORY, Roles.ALL, Roles.ALL),
    HEARTBEATS(Heartbeat.class, "process", Partitions.ONE, Cleanup.BRIEF, Roles.ALL, List.of(Roles.MONITOR)),
    // For people.
    DEAD_LETTERS(
            DeadLetter.class,
            "topic/partition/offset of the record",
            Partitions.ONE,
            Cleanup.DELETE,
            Roles.ALL,
            List.of());

    /** Names of the roles, as {@code consilium run} takes them. */
    private static final class Roles {
        static final String SCHEDULER = "scheduler";
        static final String ROLLOUT = "rollout";
        static final String REWARD = "reward";
        static final String ADVANTAGE = "advantage";
        static final String LEARNER = "learner";
        static final String MERGER = "merger";
        static final String MONITOR = "monitor";
        static final List<String> ALL = List.of(SCHEDULER, ROLLOUT, REWARD, ADVANTAGE, LEARNER, MERGER, MONITOR);
    }

    /** How many partitions a topic has: prompts, trajectories and scores are co-partitioned. */
    public enum Partitions {
        /** {@code kafka.partitions}; equal for the three co-partitioned topics. */
        BY_GROUP,
        /** One for each policy, by the run's {@link PolicyTable}. */
        BY_POLICY,
        ONE
    }

    /** What Kafka may remove. */
    public enum Cleanup {
        DELETE("delete", Duration.ofDays(30)),
        COMPACT("compact", null),
        /** Kept for people; the run itself continues without it. */
        HISTORY("delete", null),
        /** Of no use once others have followed. */
        BRIEF("delete", Duration.ofMinutes(10)),
        /** Neither by age nor by key: without these records a run cannot continue. */
        KEEP("delete", null);

        private final String policy;
        private final @Nullable Duration retention;

        Cleanup(String policy, @Nullable Duration retention) {
            this.policy = policy;
            this.retention = retention;
        }

        /** Kafka's {@code cleanup.policy}. */
        public String policy() {
            return policy;
        }

        /** Kafka's {@code retention.ms}; -1 keeps forever. */
        public long retentionMs() {
            return retention == null ? -1 : retention.toMillis();
        }
    }

    /** Policy name of the merged agent in policy-updates and adapters; no specialty may bear it. */
    public static final String UNIFIED = "unified";

    private final Class<? extends SpecificRecord> valueType;
    private final String keyMeaning;
    private final Partitions partitions;
    private final Cleanup cleanup;
    private final List<String> writers;
    private final List<String> readers;

    Topics(
            Class<? extends SpecificRecord> valueType,
            String keyMeaning,
            Partitions partitions,
            Cleanup cleanup,
            List<String> writers,
            List<String> readers) {
        this.valueType = valueType;
        this.keyMeaning = keyMeaning;
        this.partitions = partitions;
        this.cleanup = cleanup;
        this.writers = writers;
        this.readers = readers;
    }

    /** Name without the run's prefix: lower case, hyphens (never mixed with dots and underscores). */
    public String baseName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Name on the broker: the run's prefix, a hyphen, and {@link #baseName()}; without prefix the base name alone. */
    public String name(String prefix) {
        return prefix.isEmpty() ? baseName() : prefix + "-" + baseName();
    }

    /** Avro type of the values. */
    public Class<? extends SpecificRecord> valueType() {
        return valueType;
    }

    /** Schema of the values. */
    public Schema schema() {
        return org.apache.avro.specific.SpecificData.get().getSchema(valueType);
    }

    /** What the (string) key holds. */
    public String keyMeaning() {
        return keyMeaning;
    }

    /** What Kafka may remove. */
    public Cleanup cleanup() {
        return cleanup;
    }

    /** By what it is partitioned. */
    public Partitions partitioning() {
        return partitions;
    }

    /** Roles that write it. A test compares this with what the roles of a run ask of the broker. */
    public List<String> writers() {
        return writers;
    }

    /** Roles that read it; commands that inspect a run may read any topic. */
    public List<String> readers() {
        return readers;
    }

    /**
     * Number of partitions.
     *
     * @param groupPartitions {@code kafka.partitions}
     * @param policies the run's policies
     */
    public int partitions(int groupPartitions, PolicyTable policies) {
        return switch (partitions) {
            case BY_GROUP -> groupPartitions;
            case BY_POLICY -> policies.size();
            case ONE -> 1;
        };
    }
}
