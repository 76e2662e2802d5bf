package ai.consilium.cli.eval;

import ai.consilium.cli.progress.ProgressLine;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How far an evaluation has come. Thread-safe. */
final class EvaluationProgress {
    private final @Nullable ProgressLine line;
    private final int cases;
    private final int before;
    private final long start = System.nanoTime();
    private int answered;
    private long tokens;

    /**
     * Of a start.
     *
     * @param line null shows nothing
     * @param cases of all adapters together
     * @param before how many of them were answered before
     */
    EvaluationProgress(@Nullable ProgressLine line, int cases, int before) {
        this.line = line;
        this.cases = cases;
        this.before = before;
        show();
    }

    /** A batch has ended. */
    synchronized void answered(int batch, List<Prediction> predictions) {
        answered += batch;
        tokens += predictions.stream().mapToLong(Prediction::tokens).sum();
        show();
    }

    private void show() {
        if (line != null) {
            line.show(() -> render(cases, before, answered, tokens, (System.nanoTime() - start) / 1e9));
        }
    }

    /** @param seconds since this start, in which {@code answered} cases were added to those before */
    static String render(int cases, int before, int answered, long tokens, double seconds) {
        String done = String.format(
                Locale.ROOT, "%s eval | %d/%d cases", ProgressLine.clock(seconds), before + answered, cases);
        if (answered == 0) {
            return done;
        }
        return String.format(
                Locale.ROOT,
                "%s | %.0f tokens/s | %s left",
                done,
                tokens / seconds,
                ProgressLine.clock(seconds / answered * (cases - before - answered)));
    }

    void end() {
        if (line != null) {
            line.end();
        }
    }
}
