package ai.consilium.cli.progress;

import ai.consilium.monitor.state.RunSnapshot;
import ai.consilium.platform.run.Phases;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the terminal shows while a run goes on: one line that is redrawn, or a line every ten seconds where it is no terminal. */
public final class ProgressLine {
    private static final String ACCURACY = "reward/accuracy";
    private static final long PLAIN_EVERY_NANOS = 10_000_000_000L;

    private final PrintWriter out;
    private final boolean terminal;
    private long lastPlain;
    private int lastWidth;

    public ProgressLine(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Whether a terminal is there. Since JDK 22 there is a console in any case, and it knows. */
    @SuppressWarnings("SystemConsoleNull")
    public static boolean watched() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException olderJdk) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    /** Shows a snapshot of the run. */
    public void show(RunSnapshot snapshot, double seconds) {
        show(() -> render(snapshot, seconds));
    }

    /** Shows a text, if it is time for one. */
    public void show(Supplier<String> text) {
        long now = System.nanoTime();
        if (!terminal && lastPlain != 0 && now - lastPlain < PLAIN_EVERY_NANOS) {
            return;
        }
        lastPlain = now;
        String line = text.get();
        if (terminal) {
            out.print("\r" + line + " ".repeat(Math.max(0, lastWidth - line.length())));
            lastWidth = line.length();
        } else {
            out.println(line);
        }
        out.flush();
    }

    /** Ends the line that is redrawn. */
    public void end() {
        if (terminal && lastWidth > 0) {
            out.println();
            out.flush();
            lastWidth = 0;
        }
    }

    static String render(RunSnapshot snapshot, double seconds) {
        StringBuilder line = new StringBuilder(clock(seconds)).append(' ').append(snapshot.phase());
        for (RunSnapshot.Specialty specialty : snapshot.specialties()) {
            line.append(" | ").append(abbreviate(specialty.name())).append(' ');
            Long version = specialty.version();
            if (version == null) {
                line.append(Phases.DSA).append(adapting(specialty.adaptation()));
            } else {
                line.append(version).append(snapshot.steps() == 0 ? "" : "/" + snapshot.steps());
                Double reward = specialty.figures().get(ACCURACY);
                if (reward != null) {
                    line.append(String.format(Locale.ROOT, " acc %.2f", reward));
                }
            }
        }
        if (snapshot.phase().equals(Phases.CONSOLIDATION) && snapshot.unified() != null) {
            line.append(consolidated(snapshot.unified()));
        }
        line.append(String.format(Locale.ROOT, " | %.0f tokens/s", snapshot.tokensPerSecond()));
        Long left = snapshot.leftMs();
        if (left != null) {
            line.append(" | ").append(clock(left / 1e3)).append(" left");
        }
        return line.toString();
    }

    private static String adapting(RunSnapshot.@Nullable Adaptation adaptation) {
        if (adaptation == null) {
            return "";
        }
        Double loss = adaptation.loss();
        return " " + adaptation.step() + "/" + adaptation.steps()
                + (loss == null ? "" : String.format(Locale.ROOT, " loss %.2f", loss));
    }

    private static String consolidated(RunSnapshot.Unified unified) {
        Double distance = unified.figures().get("distill/kl");
        return " | unified " + unified.version()
                + (distance == null ? "" : String.format(Locale.ROOT, " distance %.3f", distance));
    }

    private static String abbreviate(String specialty) {
        int cut = specialty.indexOf('_');
        return cut < 0 ? specialty : specialty.substring(0, cut);
    }

    public static String clock(double seconds) {
        long whole = Math.round(seconds);
        return String.format(Locale.ROOT, "%02d:%02d", whole / 60, whole % 60);
    }
}
