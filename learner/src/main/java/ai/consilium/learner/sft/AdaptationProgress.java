package ai.consilium.learner.sft;

import ai.consilium.learner.context.LearnerReport;
import ai.consilium.platform.service.ServiceThread.Pulse;
import java.util.Map;

/** Hears of an adaptation's steps: beats for each, tells people of some, stops when asked to. */
public final class AdaptationProgress implements DomainAdaptation.Progress {
    /** How many events an adaptation is worth. */
    private static final int EVENTS = 10;

    private final int steps;
    private final LearnerReport report;
    private final Pulse pulse;
    private int taken;
    private Map<String, Double> latest = Map.of();

    public AdaptationProgress(int steps, LearnerReport report, Pulse pulse) {
        this.steps = steps;
        this.report = report;
        this.pulse = pulse;
    }

    @Override
    public boolean step(double share, Map<String, Double> figures) {
        pulse.beat();
        taken++;
        latest = figures;
        if (taken * EVENTS / steps > (taken - 1) * EVENTS / steps) {
            report.adapting(taken, steps, figures);
        }
        return !pulse.stopping();
    }

    @Override
    public void alive() {
        pulse.beat();
    }

    /** Figures of the last step. */
    public Map<String, Double> figures() {
        return latest;
    }
}
