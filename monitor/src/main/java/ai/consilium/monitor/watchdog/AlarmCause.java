package ai.consilium.monitor.watchdog;

import java.util.Locale;

/** Everything that the watchdog can name: values of the label {@code cause} in metrics, webhooks and the page's JSON. */
public enum AlarmCause {
    NO_SCHEDULER(Stage.SCHEDULER, Severity.CRITICAL),
    NO_WORKERS(Stage.ROLLOUT, Severity.CRITICAL),
    NO_REWARD_SERVICE(Stage.REWARD, Severity.CRITICAL),
    NO_ADVANTAGE_STREAM(Stage.ADVANTAGE, Severity.CRITICAL),
    NO_LEARNER(Stage.LEARNER, Severity.CRITICAL),
    NO_MERGER(Stage.MERGER, Severity.CRITICAL),
    /** A remote scorer does not answer. */
    SCORER_DOWN(Stage.REWARD, Severity.CRITICAL),
    /** A server that samples does not answer. */
    SERVER_DOWN(Stage.ROLLOUT, Severity.WARNING),
    /** A server or a worker refuses an adapter. */
    ADAPTER_MISMATCH(Stage.ROLLOUT, Severity.CRITICAL),
    /** Groups are complete, and none is closed. */
    ADVANTAGE_STUCK(Stage.ADVANTAGE, Severity.CRITICAL),
    DISK_FULL(Stage.MONITOR, Severity.CRITICAL),
    /** Within each group all rewards are equal. */
    NO_SIGNAL(Stage.ADVANTAGE, Severity.WARNING),
    /** Completions end at the length limit, before their answer. */
    ALL_CUT(Stage.ROLLOUT, Severity.WARNING),
    /** Groups end rejected or abandoned, and none is trained on. */
    GROUPS_REFUSED(Stage.LEARNER, Severity.CRITICAL),
    /** The watchdog does not see the run. */
    MONITOR_BLIND(Stage.MONITOR, Severity.CRITICAL);

    /** How bad it is. */
    public enum Severity {
        /** The run goes on, and learns little. */
        WARNING,
        /** A stage does not work. */
        CRITICAL;

        /** In lower case. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Stage stage;
    private final Severity severity;

    AlarmCause(Stage stage, Severity severity) {
        this.stage = stage;
        this.severity = severity;
    }

    /** In lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The stage that does not do its part. */
    public Stage stage() {
        return stage;
    }

    public Severity severity() {
        return severity;
    }
}
