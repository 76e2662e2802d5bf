package ai.consilium.reward;

import ai.consilium.schemas.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The scorers of one plan, ready to score. Thread-safe. */
final class ScorerPanel {
    private record Seat(Scorer scorer, boolean shadow) {}

    private final List<Seat> seats;

    private ScorerPanel(List<Seat> seats) {
        this.seats = seats;
    }

    /**
     * Builds a plan's scorers.
     *
     * @param http what remote scorers ask through
     * @param environment reads an environment variable; null where it is not set
     */
    static ScorerPanel of(
            ScoringPlan plan, java.net.http.HttpClient http, UnaryOperator<@Nullable String> environment) {
        return new ScorerPanel(plan.scorers().stream()
                .map(definition -> new Seat(build(definition, http, environment), definition.shadow()))
                .toList());
    }

    private static Scorer build(
            ScorerDefinition definition, java.net.http.HttpClient http, UnaryOperator<@Nullable String> environment) {
        String name = definition.name();
        String version = definition.version();
        ScorerDefinition.How how = definition.how();
        if (how instanceof ScorerDefinition.RubricCheck check) {
            return new RubricScorer(name, definition.perspective(), version, check.rubric());
        }
        if (how instanceof ScorerDefinition.HttpCheck check) {
            return new HttpScorer(name, definition.perspective(), version, check, http, environment);
        }
        return how instanceof ScorerDefinition.AccuracyCheck
                ? new AccuracyScorer(name, version)
                : new FormatScorer(name, version);
    }

    /**
     * Starts to score a submission by every scorer that applies to its perspective: remote ones on the pool, the others
     * at once.
     *
     * @return one pending score per scorer, in the plan's order
     */
    List<Future<Score>> begin(Submission submission, ExecutorService pool) {
        List<Future<Score>> scores = new ArrayList<>();
        for (Seat seat : seats) {
            if (seat.scorer().appliesTo(submission.perspective())) {
                scores.add(begin(seat, submission, pool));
            }
        }
        return scores;
    }

    private static Future<Score> begin(Seat seat, Submission submission, ExecutorService pool) {
        if (seat.scorer().remote()) {
            return pool.submit(() -> score(seat, submission));
        }
        try {
            return CompletableFuture.completedFuture(score(seat, submission));
        } catch (InterruptedException stopping) {
            return CompletableFuture.failedFuture(stopping);
        }
    }

    /** Waits for what {@link #begin} began. */
    static List<Score> await(List<Future<Score>> pending) throws InterruptedException {
        List<Score> scores = new ArrayList<>(pending.size());
        for (Future<Score> score : pending) {
            try {
                scores.add(score.get());
            } catch (ExecutionException failed) {
                if (failed.getCause() instanceof InterruptedException stopping) {
                    throw stopping;
                }
                throw new IllegalStateException(failed.getCause());
            }
        }
        return scores;
    }

    private static Score score(Seat seat, Submission submission) throws InterruptedException {
        long begin = System.nanoTime();
        Verdict verdict = verdict(seat.scorer(), submission);
        Score.Builder score = Score.newBuilder()
                .setScorer(seat.scorer().name())
                .setScorerVersion(seat.scorer().version())
                .setShadow(seat.shadow())
                .setLatencyMs((System.nanoTime() - begin) / 1e6);
        if (verdict instanceof Verdict.Scored scored) {
            return score.setValue(scored.value()).setEvidence(scored.evidence()).build();
        }
        return score.setUnscoredReason(((Verdict.Unscored) verdict).reason()).build();
    }

    /** A scorer that breaks says nothing about the trajectory: that is unscored, never 0. */
    private static Verdict verdict(Scorer scorer, Submission submission) throws InterruptedException {
        try {
            return scorer.score(submission);
        } catch (RuntimeException broken) {
            return new Verdict.Unscored("scorer failed: " + broken);
        }
    }
}
