package ai.consilium.platform;

/** Every metric name of the system, sorted; Prometheus shows them with underscores. */
public final class MetricNames {
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

    /** Counter: stalls, tagged {@code role}, {@code thread} and {@code cause}. */
    public static final String STALLS = "consilium.stalls";

    /** Gauge: 1 while the thread has not failed, tagged {@code role} and {@code thread}. */
    public static final String THREAD_LIVE = "consilium.thread.live";

    /** Gauge: seconds since the thread's last beat, tagged {@code role} and {@code thread}. */
    public static final String THREAD_QUIET_SECONDS = "consilium.thread.quiet.seconds";

    private MetricNames() {}
}
