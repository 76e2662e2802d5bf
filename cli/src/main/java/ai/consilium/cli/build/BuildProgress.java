package ai.consilium.cli.build;

import ai.consilium.cli.progress.ProgressLine;
import java.util.Locale;

/** How far a build has come. Thread-safe. */
final class BuildProgress {
    private final ProgressLine line;
    private final int tasks;
    private final long start = System.nanoTime();
    private int done;
    private int kept;

    BuildProgress(ProgressLine line, int tasks) {
        this.line = line;
        this.tasks = tasks;
        show();
    }

    synchronized void done(TraceOutcome outcome) {
        done++;
        kept += outcome.kept() ? 1 : 0;
        show();
    }

    private void show() {
        line.show(() -> render(tasks, done, kept, (System.nanoTime() - start) / 1e9));
    }

    static String render(int tasks, int done, int kept, double seconds) {
        String text = String.format(
                Locale.ROOT,
                "%s build | %d/%d traces | %d kept, %d refused",
                ProgressLine.clock(seconds),
                done,
                tasks,
                kept,
                done - kept);
        return done == 0 ? text : text + " | " + ProgressLine.clock(seconds / done * (tasks - done)) + " left";
    }

    void end() {
        line.end();
    }
}
