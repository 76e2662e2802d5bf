package ai.consilium.reward.decision;

import ai.consilium.schemas.Score;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The scores of one trajectory as they come in, from any thread. Decided once all that are needed are there; what comes later
 * is told one by one.
 */
public final class PendingScores {
    /** Who is told. Calls of one trajectory come one after the other, {@link #decided} first. */
    public interface Listener {
        /** Every score that is needed is there. @param scores with those that came meanwhile, in the plan's order */
        void decided(List<Score> scores);

        /** A score came that nobody waited for. */
        void late(Score score);
    }

    private final List<Seat> seats;
    private final @Nullable Score[] scores;
    private final Listener listener;
    private boolean asked;
    private boolean decided;

    /** @param seats of the scorers that apply, in the plan's order */
    PendingScores(List<Seat> seats, Listener listener) {
        this.seats = seats;
        this.scores = new Score[seats.size()];
        this.listener = listener;
    }

    /** The score of a seat, of which the first counts. */
    synchronized void put(int seat, Score score) {
        if (scores[seat] != null) {
            return;
        }
        if (decided) {
            Score late = Score.newBuilder(score).setLate(true).build();
            scores[seat] = late;
            listener.late(late);
        } else {
            scores[seat] = score;
            decide();
        }
    }

    /** All scorers have been asked: from here on it may be decided. */
    synchronized void asked() {
        asked = true;
        decide();
    }

    private void decide() {
        boolean waits = IntStream.range(0, scores.length)
                .anyMatch(i -> scores[i] == null && seats.get(i).needed());
        if (asked && !waits) {
            decided = true;
            List<Score> there = new ArrayList<>();
            Arrays.stream(scores).filter(Objects::nonNull).forEach(there::add);
            listener.decided(there);
        }
    }

    /** Whether every score that is needed is there. */
    public synchronized boolean isDecided() {
        return decided;
    }

    /** Whether every score is there. */
    public synchronized boolean isWhole() {
        return decided && Arrays.stream(scores).allMatch(Objects::nonNull);
    }

    /** Nobody waits any longer: what is missing of a decided trajectory is told as unscored. */
    public synchronized void abandon(String reason) {
        for (int i = 0; decided && i < scores.length; i++) {
            if (scores[i] == null) {
                put(i, seats.get(i).begun().setUnscoredReason(reason).build());
            }
        }
    }
}
