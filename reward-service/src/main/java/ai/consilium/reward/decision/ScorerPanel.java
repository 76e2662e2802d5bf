package ai.consilium.reward.decision;

import ai.consilium.reward.plan.ScorerDefinition;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The scorers of one plan, ready to score. Thread-safe. */
public final class ScorerPanel {
    public static final String NOT_WAITED_FOR = "too slow: shadow scorers are not waited for";

    /** A scorer at its place in the plan. */
    record Seat(Scorer scorer, boolean shadow) {}

    /** A score that may still be in the making. */
    public record Pending(Seat seat, Future<Score> score) {}

    private final List<Seat> seats;

    private ScorerPanel(List<Seat> seats) {
        this.seats = seats;
    }

    /** Builds a plan's scorers. */
    public static ScorerPanel of(ScoringDefinition plan, ScorerType.Resources resources) {
        return new ScorerPanel(plan.scorers().stream()
                .map(definition -> new Seat(build(definition, resources), definition.shadow()))
                .toList());
    }

    private static Scorer build(ScorerDefinition definition, ScorerType.Resources resources) {
        ScorerType.Identity identity =
                new ScorerType.Identity(definition.name(), definition.perspective(), definition.version());
        return definition.how().scorer(identity, resources);
    }

    /**
     * Starts to score a submission by every scorer that applies to its perspective: remote ones on a pool, the others at
     * once.
     *
     * @param pool where remote scorers run
     * @param shadows where remote shadows run, so that they take no turn from the others
     * @return one pending score per scorer, in the plan's order
     */
    public List<Pending> begin(ScoringRequest submission, ExecutorService pool, ExecutorService shadows)
            throws InterruptedException {
        List<Pending> scores = new ArrayList<>();
        for (Seat seat : seats) {
            if (!seat.scorer().appliesTo(submission.perspective())) {
                continue;
            }
            Future<Score> score = seat.scorer().remote()
                    ? (seat.shadow() ? shadows : pool).submit(() -> score(seat, submission))
                    : CompletableFuture.completedFuture(score(seat, submission));
            scores.add(new Pending(seat, score));
        }
        return scores;
    }

    /**
     * Waits for what {@link #begin} began; for shadows only until a moment, since nothing may wait for them.
     *
     * @param shadowsUntilNs by {@link System#nanoTime()}
     */
    public static List<Score> await(List<Pending> pending, long shadowsUntilNs) throws InterruptedException {
        List<Score> scores = new ArrayList<>(pending.size());
        for (Pending one : pending) {
            try {
                scores.add(
                        one.seat().shadow()
                                ? one.score().get(Math.max(0, shadowsUntilNs - System.nanoTime()), TimeUnit.NANOSECONDS)
                                : one.score().get());
            } catch (TimeoutException late) {
                one.score().cancel(true);
                scores.add(begun(one.seat()).setUnscoredReason(NOT_WAITED_FOR).build());
            } catch (ExecutionException failed) {
                if (failed.getCause() instanceof InterruptedException stopping) {
                    throw stopping;
                }
                throw new IllegalStateException(failed.getCause());
            }
        }
        return scores;
    }

    private static Score.Builder begun(Seat seat) {
        return Score.newBuilder()
                .setScorer(seat.scorer().name())
                .setScorerVersion(seat.scorer().version())
                .setShadow(seat.shadow());
    }

    private static Score score(Seat seat, ScoringRequest submission) throws InterruptedException {
        long begin = System.nanoTime();
        Verdict verdict = verdict(seat.scorer(), submission);
        Score.Builder score = begun(seat).setLatencyMs((System.nanoTime() - begin) / 1e6);
        if (verdict instanceof Verdict.Scored scored) {
            return score.setValue(scored.value()).setEvidence(scored.evidence()).build();
        }
        return score.setUnscoredReason(((Verdict.Unscored) verdict).reason()).build();
    }

    /** A scorer that breaks says nothing about the trajectory: that is unscored, never 0. */
    private static Verdict verdict(Scorer scorer, ScoringRequest submission) throws InterruptedException {
        try {
            return scorer.score(submission);
        } catch (RuntimeException broken) {
            return new Verdict.Unscored("scorer failed: " + broken);
        }
    }
}
