package ai.consilium.cli.progress;

import ai.consilium.fetch.FetchProgress;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Locale;

/** Shows how far a source is fetched, on the error stream, when that takes long enough to wonder. */
public final class FetchLine implements FetchProgress {
    private static final double PATIENCE_SECONDS = 2;
    private static final double EVERY_SECONDS = 0.2;
    private static final double MEGA = 1e6;
    private static final int FEW = 100;

    private final ProgressLine line = new ProgressLine(
            new PrintWriter(new OutputStreamWriter(System.err, Charset.defaultCharset()), true),
            ProgressLine.watched());
    private final long start = System.nanoTime();
    private double shown = PATIENCE_SECONDS - EVERY_SECONDS;

    @Override
    public synchronized void at(Stage stage) {
        double seconds = (System.nanoTime() - start) / 1e9;
        if (seconds - shown >= EVERY_SECONDS) {
            shown = seconds;
            line.show(() -> render(stage, seconds));
        }
    }

    @Override
    public synchronized void waiting(String source) {
        line.show(() -> "waiting for another process of this host, which fetches " + source);
    }

    /** Ends the line. */
    public synchronized void end() {
        line.end();
    }

    static String render(Stage stage, double seconds) {
        double perSecond = stage.bytes() / seconds;
        StringBuilder text = new StringBuilder("fetching ").append(stage.source());
        text.append(String.format(
                Locale.ROOT, ": %,d of %,d files, %,.0f", stage.files(), stage.of(), stage.bytes() / MEGA));
        if (stage.expected() >= 0) {
            text.append(String.format(Locale.ROOT, " of %,.0f", stage.expected() / MEGA));
        }
        text.append(String.format(Locale.ROOT, " MB, %,.1f MB/s", perSecond / MEGA));
        // The first bytes say nothing about the speed.
        if (stage.expected() > stage.bytes() && stage.bytes() > stage.expected() / FEW) {
            text.append(", ")
                    .append(ProgressLine.clock((stage.expected() - stage.bytes()) / perSecond))
                    .append(" left");
        }
        return text.toString();
    }
}
