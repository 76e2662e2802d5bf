package ai.consilium.monitor.watchdog;

import java.util.Locale;

/** Stages of a run, in the order of its flow; each is a role. */
public enum Stage {
    SCHEDULER,
    ROLLOUT,
    REWARD,
    ADVANTAGE,
    LEARNER,
    MERGER,
    MONITOR;

    /** As {@code consilium run ROLE} takes it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
