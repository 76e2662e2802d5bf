package ai.consilium.platform;

/** Every metric name of the system, sorted; Prometheus shows them with underscores. */
public final class MetricNames {
    /** Counter: stalls, tagged {@code role}, {@code thread} and {@code cause}. */
    public static final String STALLS = "consilium.stalls";

    /** Gauge: 1 while the thread has not failed, tagged {@code role} and {@code thread}. */
    public static final String THREAD_LIVE = "consilium.thread.live";

    /** Gauge: seconds since the thread's last beat, tagged {@code role} and {@code thread}. */
    public static final String THREAD_QUIET_SECONDS = "consilium.thread.quiet.seconds";

    private MetricNames() {}
}
