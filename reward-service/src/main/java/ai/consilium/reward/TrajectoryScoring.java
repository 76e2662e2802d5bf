package ai.consilium.reward;

import ai.consilium.platform.kafka.Decoded;
import ai.consilium.reward.decision.PendingScores;
import ai.consilium.reward.decision.ScorerPanel;
import ai.consilium.reward.decision.ScoringConfigReader;
import ai.consilium.reward.decision.UnscorableException;
import ai.consilium.reward.gaming.GamingWatch;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Trajectory;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Has trajectories scored by the plans that they name, and what comes of it written. One thread only. */
final class TrajectoryScoring {
    /** How a record was taken. */
    enum Begun {
        /** Its scores are on their way. */
        SCORED,
        /** Nobody waits for scores of it. */
        NOT_SCORED,
        /** Its scoring configuration may still come: ask again. */
        NOT_YET
    }

    private static final int SWEEP_AT_LEAST = 1024;

    private final RequestReader reader;
    private final ScoringConfigReader plans;
    private final ScoresWriter writer;
    private final GamingWatch gaming;
    private final Set<PendingScores> pending = new HashSet<>();
    private int sweepAt = SWEEP_AT_LEAST;
    private String missing = "";

    TrajectoryScoring(RequestReader reader, ScoringConfigReader plans, ScoresWriter writer, GamingWatch gaming) {
        this.reader = reader;
        this.plans = plans;
        this.writer = writer;
        this.gaming = gaming;
    }

    /**
     * Begins to score the trajectory of a record.
     *
     * @throws UnscorableException when it cannot be scored
     * @throws ai.consilium.platform.UsageException when this host's case file is not the run's
     */
    Begun begin(ConsumerRecord<String, Decoded<Trajectory>> record) throws UnscorableException {
        missing = "";
        Optional<Trajectory> read = RequestReader.trajectory(record);
        if (read.isEmpty()) {
            return Begun.NOT_SCORED;
        }
        Trajectory trajectory = read.get();
        Optional<ScorerPanel> panel = plans.find(trajectory.getScoringConfigHash());
        if (panel.isEmpty()) {
            missing = trajectory.getScoringConfigHash();
            return Begun.NOT_YET;
        }
        ScoresWriter.Subject subject = ScoresWriter.Subject.of(record, trajectory);
        remember(panel.get().begin(reader.request(trajectory), listener(subject, trajectory, panel.get())));
        return Begun.SCORED;
    }

    private PendingScores.Listener listener(ScoresWriter.Subject subject, Trajectory trajectory, ScorerPanel panel) {
        Set<String> shadows = panel.shadows();
        return new PendingScores.Listener() {
            private OptionalDouble trained = OptionalDouble.empty();

            @Override
            public void decided(List<Score> scores) {
                writer.decided(subject, scores);
                if (!shadows.isEmpty()) {
                    trained = GamingWatch.trained(trajectory, scores, panel.trained());
                    scores.forEach(this::compare);
                }
            }

            @Override
            public void late(Score score) {
                writer.late(subject, score);
                compare(score);
            }

            private void compare(Score score) {
                if (trained.isPresent() && shadows.contains(score.getScorer())) {
                    gaming.add(trajectory, trained.getAsDouble(), score);
                }
            }
        };
    }

    /** Those of which scores are still to come, so that {@link #abandon} can name what never came. */
    private void remember(PendingScores scores) {
        if (scores.isWhole()) {
            return;
        }
        pending.add(scores);
        if (pending.size() >= sweepAt) {
            pending.removeIf(PendingScores::isWhole);
            sweepAt = Math.max(SWEEP_AT_LEAST, 2 * pending.size());
        }
    }

    /** What is waited for, for people. */
    String waitingFor(int open) {
        return missing.isEmpty() ? "scorers of " + open + " trajectories" : "scoring configuration " + missing;
    }

    /** The service stops: scores of decided trajectories that have not come are written as unscored. */
    void abandon(String reason) {
        pending.forEach(scores -> scores.abandon(reason));
    }
}
