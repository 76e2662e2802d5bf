package ai.consilium.monitor.state;

import ai.consilium.platform.run.Phases;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The state of a run in one sentence. Pure. */
final class StateSentence {
    /** A run without a sign of life for so long has stopped, or its machine is very slow. */
    static final Duration SILENT = Duration.ofMinutes(5);

    /**
     * What the sentence is made of.
     *
     * @param specialties that the run began with
     * @param reading whether what was on the log at the start is still being read
     * @param silentMs since the newest record
     * @param told what the run was told to do; null where it goes on
     * @param refused why what was added to the training cases is not taken in; null where nothing is refused
     */
    record Facts(
            boolean reading,
            String phase,
            int steps,
            List<RunSnapshot.Specialty> specialties,
            RunSnapshot.Books books,
            RunFlow flow,
            @Nullable Long elapsedMs,
            @Nullable Long leftMs,
            @Nullable Long silentMs,
            @Nullable String told,
            @Nullable String refused) {}

    static String of(Facts run) {
        if (run.silentMs() == null) {
            return "Nothing is on the log yet.";
        }
        if (run.reading()) {
            return "Reading the log: " + run.books().prompts() + " groups so far.";
        }
        if (run.phase().equals(Phases.FINISHED)) {
            return "Finished after " + duration(run.elapsedMs()) + ": " + groups(run.books()) + ".";
        }
        if (run.silentMs() > SILENT.toMillis()) {
            return "Stopped, or silent, during " + run.phase() + progress(run) + ": nothing was written for "
                    + duration(run.silentMs()) + "; " + groups(run.books()) + told(run) + refused(run) + ".";
        }
        return capital(run.phase()) + " is under way" + progress(run)
                + (run.leftMs() == null || run.leftMs() == 0 ? "" : ", about " + duration(run.leftMs()) + " left")
                + (run.told() == null ? starving(run.flow()) : told(run)) + refused(run) + ".";
    }

    private static String told(Facts run) {
        return run.told() == null ? "" : "; " + run.told();
    }

    private static String refused(Facts run) {
        return run.refused() == null ? "" : "; the cases stay as they were: " + run.refused();
    }

    private static String progress(Facts run) {
        OptionalLong least = run.specialties().stream()
                .mapToLong(specialty -> specialty.version() == null ? 0 : specialty.version())
                .min();
        boolean begun = run.specialties().stream().anyMatch(specialty -> specialty.version() != null);
        boolean all = run.specialties().stream()
                .allMatch(specialty -> specialty.phase().equals(Phases.FINAL));
        if (!begun || all || least.isEmpty() || least.getAsLong() >= run.steps()) {
            return "";
        }
        long done = run.specialties().stream()
                .mapToLong(specialty -> specialty.version() == null ? 0 : Math.min(run.steps(), specialty.version()))
                .sum();
        long asked = (long) run.steps() * run.specialties().size();
        return String.format(Locale.ROOT, ": %d of %d steps (%d %%)", done, asked, 100 * done / Math.max(1, asked));
    }

    private static String starving(RunFlow flow) {
        for (RunFlow.Stage stage : flow.stages()) {
            if (stage.starving()) {
                return "; the " + stage.name() + " wait for "
                        + flow.stages().stream()
                                .filter(RunFlow.Stage::busiest)
                                .findFirst()
                                .map(busiest -> "the " + busiest.name())
                                .orElse("prompts");
            }
        }
        return "";
    }

    private static String groups(RunSnapshot.Books books) {
        return books.open() == 0
                ? "all " + books.prompts() + " groups are accounted for"
                : books.open() + " of " + books.prompts() + " groups are open";
    }

    private static String capital(String phase) {
        return phase.substring(0, 1).toUpperCase(Locale.ROOT) + phase.substring(1);
    }

    static String duration(@Nullable Long ms) {
        if (ms == null) {
            return "an unknown time";
        }
        Duration time = Duration.ofMillis(ms);
        if (time.toHours() >= 48) {
            return time.toDays() + " days";
        }
        if (time.toHours() > 0) {
            return time.toHours() + " h " + time.toMinutesPart() + " min";
        }
        return time.toMinutes() > 0
                ? time.toMinutes() + " min " + time.toSecondsPart() + " s"
                : time.toSeconds() + " s";
    }

    private StateSentence() {}
}
