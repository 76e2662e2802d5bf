package ai.consilium.cli.ablation;

import ai.consilium.cli.progress.ProgressLine;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** How far an ablation has come: which row of how many, and how long the rest may take by what took how long so far. */
final class AblationProgress {
    private final @Nullable ProgressLine line;
    private final int all;
    private final List<AblationUnit> open;
    private final long start = System.nanoTime();
    private final Map<Boolean, double[]> sumsAndCounts = new HashMap<>();
    private int at = -1;
    private long since;

    /**
     * Of a start.
     *
     * @param line null shows nothing
     * @param all units, done ones included
     * @param open those to do, in order
     */
    AblationProgress(@Nullable ProgressLine line, int all, List<AblationUnit> open) {
        this.line = line;
        this.all = all;
        this.open = open;
    }

    /** The next of the open ones begins. */
    void next() {
        at++;
        since = System.nanoTime();
    }

    /** It has ended; one that failed tells nothing about how long others take. */
    void ended(boolean well) {
        if (well) {
            double[] sum = sumsAndCounts.computeIfAbsent(trains(open.get(at)), kind -> new double[2]);
            sum[0] += seconds(since);
            sum[1]++;
        }
    }

    /** @param log of the one under way */
    void show(Path log) {
        if (line != null) {
            line.show(() -> render(all - open.size() + at + 1, all, open.get(at).name(), seconds(start), left(), log));
        }
    }

    void end() {
        if (line != null) {
            line.end();
        }
    }

    private OptionalDouble left() {
        double left = -seconds(since);
        for (AblationUnit unit : open.subList(at, open.size())) {
            double[] sum = sumsAndCounts.get(trains(unit));
            if (sum != null) {
                left += sum[0] / sum[1];
            } else if (trains(unit)) {
                return OptionalDouble.empty();
            }
        }
        return OptionalDouble.of(Math.max(0, left));
    }

    private static boolean trains(AblationUnit unit) {
        return unit.row().kind().trains();
    }

    private static double seconds(long from) {
        return (System.nanoTime() - from) / 1e9;
    }

    /** @param left seconds, if they can be told */
    static String render(int number, int all, String unit, double seconds, OptionalDouble left, Path log) {
        StringBuilder text = new StringBuilder(
                String.format(Locale.ROOT, "%s ablate | %d of %d, %s", ProgressLine.clock(seconds), number, all, unit));
        left.ifPresent(
                rest -> text.append(" | ").append(ProgressLine.clock(rest)).append(" left"));
        return text.append(" | ").append(log).toString();
    }
}
