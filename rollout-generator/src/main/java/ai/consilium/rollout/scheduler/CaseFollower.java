package ai.consilium.rollout.scheduler;

import ai.consilium.cases.check.CaseGrowth;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.CaseEdition;
import ai.consilium.platform.run.CaseEditions;
import ai.consilium.platform.run.EventLabels;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.RunManifest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the prompts to the editions of the training cases that the run's manifest names, and writes the next one where lines
 * were added to the file by the time a round begins (docs/adr/0022-cases-that-are-added.md). One thread only.
 */
final class CaseFollower {
    private final RunContext context;
    private final SchedulerLog log;
    private final CaseLibrary library;
    private final PromptPlan plan;
    private final ScoringFollower revisions;
    private final RunEvents events;
    private int looked;

    /** @param revisions writes those of the manifest */
    CaseFollower(
            RunContext context,
            SchedulerLog log,
            CaseLibrary library,
            PromptPlan plan,
            ScoringFollower revisions,
            RunEvents events) {
        this.context = context;
        this.log = log;
        this.library = library;
        this.plan = plan;
        this.revisions = revisions;
        this.events = events;
    }

    /**
     * Draws on what the run draws on, and remembers what the held-out files are.
     *
     * @param revisions of its manifest that are on the log, the newest of which this process's settings continue
     * @throws UsageException when the training file here does not begin with it
     * @throws ai.consilium.cases.format.CaseException when a file is missing, or a run begins with a line that cannot be used
     */
    void begin(List<RunManifest> revisions) {
        CaseLibrary.FILES.forEach(library::asRead);
        if (revisions.isEmpty()) {
            // What a run begins with is used whole.
            library.file(CaseLibrary.TRAINING_FILE);
        }
        for (CaseEdition edition : CaseEditions.of(revisions).all()) {
            CaseFile here = library.edition(CaseLibrary.TRAINING_FILE, edition.sha256())
                    .orElseThrow(() -> new UsageException("data_root: " + CaseLibrary.TRAINING_FILE
                            + " does not begin with what the run has, " + edition.told() + ", SHA-256 "
                            + edition.sha256()));
            plan.from(edition.fromRound(), here);
        }
    }

    /** What a round draws on, for those who show the run; nothing where its manifest does not name cases. */
    Map<String, String> labels(int round, Optional<RunManifest> newest) {
        return newest.flatMap(CaseEdition::of)
                .map(named -> Map.of(
                        EventLabels.EDITION_CASES,
                        Integer.toString(plan.cases(round).cases().size()),
                        EventLabels.EDITION_ROUND,
                        Integer.toString(plan.since(round) + 1)))
                .orElse(Map.of());
    }

    /**
     * A round is to have its first prompt: what was added to the file is taken in, or refused by name. Where it is refused the run
     * goes on with the edition that it has, which is in memory and named by its prompts.
     *
     * @throws UsageException when a specialty of the round has no case then
     */
    void beginRound(int round) {
        if (round > looked && log.manifests().newest().flatMap(CaseEdition::of).isPresent()) {
            looked = round;
            CaseFile before = plan.cases(round);
            CaseGrowth growth = CaseGrowth.look(library, before, context.specialties());
            if (growth instanceof CaseGrowth.Grown grown) {
                take(round, grown);
                int added = grown.edition().cases().size() - before.cases().size();
                tell(EventKind.STARTED, round, ", " + added + " of them new" + leftOver(grown.unfinished()), null);
            } else if (growth instanceof CaseGrowth.Refused refused) {
                tell(EventKind.REFUSED, round, "; nothing is taken in: " + refused.problem(), refused.problem());
            } else {
                boolean unfinished = ((CaseGrowth.Same) growth).unfinished();
                tell(unfinished ? EventKind.STARTED : EventKind.PROGRESS, round, leftOver(unfinished), null);
            }
            plan.requireCases(round);
        }
    }

    private void take(int round, CaseGrowth.Grown grown) {
        CaseFile now = grown.edition();
        CaseEdition edition = new CaseEdition(round, now.cases().size(), now.sha256(), grown.imagesSha256());
        revisions.revise(
                newest -> edition.after(newest, context.writer(SchedulerService.ROLE), System.currentTimeMillis()));
        plan.from(round, now);
    }

    private static String leftOver(boolean unfinished) {
        return unfinished
                ? "; the last line of " + CaseLibrary.TRAINING_FILE + " has no end yet and is left for the next round"
                : "";
    }

    private String joining(int round) {
        List<String> joining = plan.joining(round);
        return joining.isEmpty()
                ? ""
                : ", and trains an expert of " + String.join(", ", joining) + " for the first time";
    }

    private void tell(EventKind kind, int round, String more, @Nullable String refused) {
        Map<String, String> labels = new HashMap<>(labels(round, log.manifests().newest()));
        if (refused != null) {
            labels.put(EventLabels.EDITION_REFUSED, refused);
        }
        events.emit(
                kind,
                "round %d draws on %d cases%s%s"
                        .formatted(round + 1, plan.cases(round).cases().size(), joining(round), more),
                Map.of(),
                labels);
    }
}
