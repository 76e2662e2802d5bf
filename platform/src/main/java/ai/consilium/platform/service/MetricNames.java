package ai.consilium.platform.service;

/** Every metric name of the system, sorted; Prometheus shows them with underscores. */
public final class MetricNames {
    /**
     * Counter: groups of which a component said nothing (no variance within the group), tagged {@code component}; filtered
     * groups are among them.
     */
    public static final String ADVANTAGE_COMPONENTS_FLAT = "consilium.advantage.components.flat";

    /** Counter: groups that the advantage stream closed, tagged {@code how}. */
    public static final String ADVANTAGE_GROUPS_CLOSED = "consilium.advantage.groups.closed";

    /** Gauge: groups that are open in this process. */
    public static final String ADVANTAGE_GROUPS_OPEN = "consilium.advantage.groups.open";

    /** Counter: records that the advantage stream sent to the dead letters. */
    public static final String ADVANTAGE_RECORDS_REFUSED = "consilium.advantage.records.refused";

    /** Counter: records that said nothing new. */
    public static final String ADVANTAGE_RECORDS_REPEATED = "consilium.advantage.records.repeated";

    /** Counter: later attempts of samples that had their trajectory. */
    public static final String ADVANTAGE_TRAJECTORIES_SUPERSEDED = "consilium.advantage.trajectories.superseded";

    /** Gauge: 1 while the watchdog sees this, tagged {@code cause}: every cause that there is has its own. */
    public static final String ALARM = "consilium.alarm";

    /** Gauge: bytes that are left where the process writes, tagged {@code place}. */
    public static final String DISK_FREE_BYTES = "consilium.disk.free.bytes";

    /** Gauge: groups that were prompted and have no end yet, tagged {@code specialty}. */
    public static final String GROUPS_OPEN = "consilium.groups.open";

    /** Gauge: a figure of the newest version, tagged {@code specialty} and {@code name} (as in PolicyUpdate.figures). */
    public static final String LEARNER_FIGURE = "consilium.learner.figure";

    /** Counter: groups that a learner did not train on, tagged {@code specialty} and {@code outcome}. */
    public static final String LEARNER_GROUPS_REFUSED = "consilium.learner.groups.refused";

    /** Counter: steps that were skipped because their gradient was not finite, tagged {@code specialty}. */
    public static final String LEARNER_STEPS_SKIPPED = "consilium.learner.steps.skipped";

    /** Counter: prompts that the scheduler wrote, tagged {@code specialty}. */
    public static final String PROMPTS_ADMITTED = "consilium.prompts.admitted";

    /**
     * Gauge: 1 while the guidelines that are trained on climb and a shadow falls, tagged {@code specialty} and {@code scorer} (the
     * shadow).
     */
    public static final String REWARD_GAMING = "consilium.reward.gaming";

    /** Gauge: trajectories that are read and not scored yet. */
    public static final String REWARD_IN_FLIGHT = "consilium.reward.in.flight";

    /**
     * Gauge: threads that a scorer of a plug-in goes on with after its deadline, tagged {@code scorer} and {@code version}; nothing
     * can end them but the end of the process.
     */
    public static final String REWARD_PLUGIN_LEFT_BEHIND = "consilium.reward.plugin.left.behind";

    /** Timer: scorings, tagged {@code scorer} and {@code result} (scored or unscored). */
    public static final String REWARD_SCORE = "consilium.reward.score";

    /** Gauge: 1 while a remote scorer answers, tagged {@code scorer} and {@code version}. */
    public static final String REWARD_SCORER_UP = "consilium.reward.scorer.up";

    /** Gauge: trajectories that wait for their turn with a remote scorer, tagged {@code scorer} and {@code version}. */
    public static final String REWARD_SCORER_WAITING = "consilium.reward.scorer.waiting";

    /** Counter: trajectories that were scored. */
    public static final String REWARD_TRAJECTORIES = "consilium.reward.trajectories";

    /** Counter: trajectories that went to the dead letters. */
    public static final String REWARD_UNUSABLE = "consilium.reward.unusable";

    /** Timer: wall time of sampling one group, from its queueing to its end. */
    public static final String ROLLOUT_GROUP_SECONDS = "consilium.rollout.group.seconds";

    /** Counter: why a server was put aside, tagged {@code server} and {@code kind} (outage, wrong, refused). */
    public static final String ROLLOUT_SERVER_FAILURES = "consilium.rollout.server.failures";

    /** Gauge: largest |Δlogp| of the last probe of a server, tagged {@code server}. */
    public static final String ROLLOUT_SERVER_MISMATCH = "consilium.rollout.server.mismatch";

    /** Counter: tokens that a server sampled and that were used, tagged {@code server}. */
    public static final String ROLLOUT_SERVER_TOKENS = "consilium.rollout.server.tokens";

    /** Gauge: 1 while a server samples, tagged {@code server}. */
    public static final String ROLLOUT_SERVER_UP = "consilium.rollout.server.up";

    /** Summary: newest published version less the oldest that sampled one of a group's tokens, when sampling ended. */
    public static final String ROLLOUT_STALENESS = "consilium.rollout.staleness";

    /** Timer: what workers waited for prompts while experts were in training: for a newer policy, or for their log. */
    public static final String ROLLOUT_POLICY_WAIT = "consilium.rollout.policy.wait";

    /** Counter: sampled tokens. */
    public static final String ROLLOUT_TOKENS = "consilium.rollout.tokens";

    /** Gauge: groups that a stage has or will take next, tagged {@code stage}; what workers and reward services are scaled by. */
    public static final String STAGE_WAITING = "consilium.stage.waiting";

    /** Counter: stalls, tagged {@code role}, {@code thread} and {@code state}: waiting or busy. What for, its event says. */
    public static final String STALLS = "consilium.stalls";

    /** Gauge: 1 while the thread has not failed, tagged {@code role} and {@code thread}. */
    public static final String THREAD_LIVE = "consilium.thread.live";

    /** Gauge: seconds since the thread's last beat, tagged {@code role} and {@code thread}. */
    public static final String THREAD_QUIET_SECONDS = "consilium.thread.quiet.seconds";

    /** Gauge: share of the validation cases that the newest examined version answers right, tagged {@code specialty} and {@code perspective}. */
    public static final String VALIDATION_ACCURACY = "consilium.validation.accuracy";

    /** Gauge: that version, tagged {@code specialty} and {@code perspective}. */
    public static final String VALIDATION_VERSION = "consilium.validation.version";

    private MetricNames() {}
}
