package ai.consilium.cli.rescore;

import ai.consilium.cases.format.Case;
import ai.consilium.reward.plan.ScorerDefinition;
import ai.consilium.reward.scorer.RequestLimits;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScorerUnavailableException;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Trajectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Scores recorded trajectories by the scorers of one configuration, or takes over what the log says of them. Thread-safe. */
final class Rescorer {
    /** Why a trajectory has no score of a service that did not score it during the run. */
    static final String NOT_RECORDED = "not on the log, and the service was not asked (--remote)";

    /**
     * Which scorers are asked; what the others said is taken over from the log.
     *
     * @param again those of this process also where the log has their score
     * @param remote services too
     * @param unscoredOnly of what the log has, only where it says that there is no score
     */
    record Asking(boolean again, boolean remote, boolean unscoredOnly) {
        /** @param recorded what the scorer in the same version said; null where the log has nothing of it */
        boolean asks(boolean remoteScorer, @Nullable Score recorded) {
            if (remoteScorer && !remote) {
                return false;
            }
            if (recorded == null) {
                return true;
            }
            if (recorded.getValue() == null) {
                return unscoredOnly || remoteScorer;
            }
            return !unscoredOnly && (again || remoteScorer);
        }
    }

    /** Finds cases that records name; not asked unless a scorer is. */
    interface Cases {
        Case of(CaseRef ref);

        /** Images of one, on this host. */
        default List<Path> images(CaseRef ref, Case of) {
            return List.of();
        }
    }

    private record Seat(ScorerDefinition definition, Scorer scorer) {}

    /** A scorer: the version alone does not name it, for accuracy and format have one in common. */
    private record Which(String name, String version) {}

    private final List<Seat> seats;
    private final Asking asking;
    private final Cases cases;
    private final AtomicLong asked = new AtomicLong();

    Rescorer(List<ScorerDefinition> scorers, Asking asking, Cases cases, ScorerType.Resources resources) {
        this.seats = scorers.stream()
                .map(one -> new Seat(one, one.scorer(resources)))
                .toList();
        this.asking = asking;
        this.cases = cases;
    }

    /**
     * The scores of a trajectory, in the order of the configuration.
     *
     * @param recorded what the log says of it
     */
    Scores score(Trajectory trajectory, Scores recorded) throws InterruptedException {
        Map<Which, Score> known = new HashMap<>();
        Map<String, Score> byName = new HashMap<>();
        recorded.getScores().forEach(score -> {
            known.putIfAbsent(new Which(score.getScorer(), score.getScorerVersion()), score);
            byName.putIfAbsent(score.getScorer(), score);
        });
        List<Score> scores = new ArrayList<>(seats.size());
        for (Seat seat : seats) {
            if (seat.definition().how().external()) {
                // It calls its versions what it likes, and nobody can ask it.
                Score before = byName.get(seat.scorer().name());
                if (before != null || seat.scorer().appliesTo(trajectory.getPerspective())) {
                    scores.add(takenOver(seat, before));
                }
            } else if (seat.scorer().appliesTo(trajectory.getPerspective())) {
                Score before =
                        known.get(new Which(seat.scorer().name(), seat.scorer().version()));
                scores.add(
                        asking.asks(seat.scorer().remote(), before) ? ask(seat, trajectory) : takenOver(seat, before));
            }
        }
        return Scores.newBuilder(recorded).setScores(scores).build();
    }

    private static Score takenOver(Seat seat, @Nullable Score recorded) {
        if (recorded == null) {
            return begun(seat).setUnscoredReason(NOT_RECORDED).build();
        }
        return Score.newBuilder(recorded).setShadow(seat.definition().shadow()).build();
    }

    private Score ask(Seat seat, Trajectory trajectory) throws InterruptedException {
        Case about = cases.of(trajectory.getCaseRef());
        ScoringRequest request = new ScoringRequest(
                trajectory.getTrajectoryId(),
                about,
                trajectory.getText(),
                trajectory.getPerspective(),
                trajectory.getFinishReason() == FinishReason.LENGTH,
                trajectory.getGroupSeed(),
                () -> cases.images(trajectory.getCaseRef(), about));
        asked.incrementAndGet();
        Verdict verdict = verdict(seat.scorer(), request);
        return verdict instanceof Verdict.Scored scored
                ? begun(seat)
                        .setValue(scored.value())
                        .setEvidence(scored.evidence())
                        .build()
                : begun(seat)
                        .setUnscoredReason(((Verdict.Unscored) verdict).reason())
                        .build();
    }

    /** As in a run: a scorer that breaks says nothing about the trajectory. */
    private static Verdict verdict(Scorer scorer, ScoringRequest request) throws InterruptedException {
        RequestLimits limits = scorer.limits();
        for (int tries = 1; ; tries++) {
            try {
                return scorer.score(request);
            } catch (ScorerUnavailableException failure) {
                if (tries > limits.retries()) {
                    return new Verdict.Unscored(failure.reason() + (tries == 1 ? "" : " (" + tries + " tries)"));
                }
                Thread.sleep(limits.backoff().toMillis() << (tries - 1));
            } catch (RuntimeException | LinkageError | StackOverflowError broken) {
                return new Verdict.Unscored("scorer failed: " + broken);
            }
        }
    }

    private static Score.Builder begun(Seat seat) {
        return Score.newBuilder()
                .setScorer(seat.scorer().name())
                .setScorerVersion(seat.scorer().version())
                .setShadow(seat.definition().shadow());
    }

    /** How many scores were asked for so far. */
    long asked() {
        return asked.get();
    }
}
