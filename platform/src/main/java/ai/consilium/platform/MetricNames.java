package ai.consilium.platform;

/** Every metric of the system, sorted; a name that is not here does not exist. */
public final class MetricNames {
    /** Gauge by specialty: groups that were prompted and have no end yet. */
    public static final String GROUPS_OPEN = "consilium.groups.open";
    /** Counter by specialty: prompts that the scheduler wrote. */
    public static final String PROMPTS_ADMITTED = "consilium.prompts.admitted";
    /** Summary: groups that were sampled as one batch. */
    public static final String ROLLOUT_BATCH_GROUPS = "consilium.rollout.batch.groups";
    /** Timer: wall time of sampling one batch. */
    public static final String ROLLOUT_BATCH_SECONDS = "consilium.rollout.batch.seconds";
    /** Summary: newest published version less the version that sampled, when sampling ended. */
    public static final String ROLLOUT_STALENESS = "consilium.rollout.staleness";
    /** Counter: sampled tokens. */
    public static final String ROLLOUT_TOKENS = "consilium.rollout.tokens";

    private MetricNames() {}
}
