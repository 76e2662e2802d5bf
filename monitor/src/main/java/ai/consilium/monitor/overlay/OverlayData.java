package ai.consilium.monitor.overlay;

import ai.consilium.monitor.state.ChartData;
import java.util.List;

/** What the page of several runs is drawn from. */
public final class OverlayData {
    private OverlayData() {}

    /**
     * The runs as they stand; {@code /api/picture} in JSON.
     *
     * @param settings in which they differ
     * @param charts changes with every change of a curve
     */
    public record Picture(List<Run> runs, List<Setting> settings, long charts) {}

    /**
     * A run.
     *
     * @param name that tells it from the others
     * @param sentence its state
     * @param broken whether it cannot be read; the sentence says why
     * @param simulated whether its cases are simulated
     * @param live whether it goes on
     * @param charts changes with every change of its curves
     */
    public record Run(String name, String sentence, boolean broken, boolean simulated, boolean live, long charts) {}

    /**
     * A setting in which the runs differ.
     *
     * @param values in the order of the runs
     */
    public record Setting(String key, List<String> values) {}

    /** The curves of a run; {@code /api/charts} has a list of them, in the order of the runs. */
    public record Curves(String name, List<ChartData.Policy> policies) {}
}
