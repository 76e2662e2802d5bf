package ai.consilium.reward.decision;

import ai.consilium.reward.lane.ScorerLane;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerUnavailableException;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Score;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A scorer at its place in a plan.
 *
 * @param required whether it is waited for
 * @param shadow whether it is a candidate that is reported only
 * @param lane where it is asked; null where it scores at once
 */
record Seat(
        Scorer scorer,
        boolean required,
        boolean shadow,
        @Nullable ScorerLane lane) {
    /** Whether a trajectory is decided only with its score. */
    boolean needed() {
        return required && !shadow;
    }

    /** Asks it; the score may come at once, later and from another thread, or, when the service stops first, never. */
    void ask(ScoringRequest request, Consumer<Score> score) {
        if (lane == null) {
            long begin = System.nanoTime();
            Verdict verdict = atOnce(request);
            score.accept(score(verdict, (System.nanoTime() - begin) / 1e6));
        } else {
            var unused = lane.ask(request, needed())
                    .thenAccept(answer -> score.accept(score(answer.verdict(), answer.latencyMs())));
        }
    }

    /** A scorer that breaks says nothing about the trajectory: that is unscored, never 0. */
    private Verdict atOnce(ScoringRequest request) {
        try {
            return scorer.score(request);
        } catch (RuntimeException broken) {
            return new Verdict.Unscored("scorer failed: " + broken);
        } catch (ScorerUnavailableException none) {
            return new Verdict.Unscored(none.reason());
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return new Verdict.Unscored("the reward service stopped first");
        }
    }

    private Score score(Verdict verdict, double latencyMs) {
        Score.Builder score = begun().setLatencyMs(latencyMs);
        if (verdict instanceof Verdict.Scored scored) {
            return score.setValue(scored.value()).setEvidence(scored.evidence()).build();
        }
        return score.setUnscoredReason(((Verdict.Unscored) verdict).reason()).build();
    }

    /** A score of this scorer, without a value. */
    Score.Builder begun() {
        return Score.newBuilder()
                .setScorer(scorer.name())
                .setScorerVersion(scorer.version())
                .setShadow(shadow);
    }
}
