package ai.consilium.learner.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.policy.exchange.PartGradient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Whose a part is, by a clock that only the test moves. */
class PartBoardTest {
    private static final PartGradient GRADIENT = new PartGradient(1, new double[0], List.of());

    private final AtomicLong nanos = new AtomicLong();
    private final List<Integer> begun = new ArrayList<>();

    private PartBoard board(int parts) {
        return new PartBoard(
                parts,
                nanos::get,
                begun::add,
                () -> nanos.addAndGet(Duration.ofSeconds(1).toNanos()));
    }

    @Test
    void givenNobodyElseThenAllPartsAreTakenInOrderAndNothingIsWaitedFor() throws Exception {
        PartBoard board = board(3);

        for (int part = 0; part < 3; part++) {
            assertThat(board.take()).hasValue(part);
            board.computed(part);
        }

        assertThat(board.take()).isEmpty();
        assertThat(board.await()).isEmpty();
        assertThat(begun).containsExactly(0, 1, 2);
        assertThat(board.computedHere()).isEqualTo(3);
    }

    @Test
    void givenAPartThatAnotherHasBegunThenItIsLeftToThatOneAndItsGradientCounts() throws Exception {
        PartBoard board = board(2);
        board.begunElsewhere(0);

        assertThat(board.open()).isEqualTo(1);
        assertThat(board.take()).hasValue(1);
        board.computed(1);
        board.arrived(0, GRADIENT);

        assertThat(board.await()).containsOnlyKeys(0);
        assertThat(board.await()).as("each once").isEmpty();
        assertThat(board.computedHere()).isEqualTo(1);
    }

    @Test
    void givenAPartThatNeverComesThenItIsOpenAgainAfterThreeTimesWhatAPartTakesHere() throws Exception {
        PartBoard board = board(2);
        board.begunElsewhere(1);
        board.take();
        nanos.addAndGet(Duration.ofSeconds(20).toNanos());
        board.computed(0);

        // The clock goes on while it waits.
        assertThat(board.await()).isEmpty();

        assertThat(Duration.ofNanos(nanos.get())).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(63));
        assertThat(board.take()).hasValue(1);
        board.arrived(1, GRADIENT);
        board.computed(1);
        assertThat(board.await()).as("it was computed here").isEmpty();
    }

    @Test
    void givenAGradientThatComesTooLateOrTwiceOrUnaskedThenItCountsOnce() throws Exception {
        PartBoard board = board(2);
        assertThat(board.take()).hasValue(0);
        board.begunElsewhere(0);
        board.arrived(0, GRADIENT);
        board.arrived(1, GRADIENT);
        board.arrived(1, GRADIENT);
        board.computed(0);

        assertThat(board.take()).as("the other's is here").isEqualTo(OptionalInt.empty());
        assertThat(board.await()).containsOnlyKeys(1);
        board.arrived(1, GRADIENT);
        assertThat(board.await()).isEmpty();
    }

    @Test
    void givenAStepThatHasEndedThenWhatStillComesIsDropped() throws Exception {
        PartBoard board = board(1);
        board.begunElsewhere(0);
        board.close();
        board.arrived(0, GRADIENT);

        assertThat(board.await()).isEmpty();
    }

    @Test
    void givenAThreadThatWaitsThenItWakesWhenAGradientComes() throws Exception {
        PartBoard board = new PartBoard(1, System::nanoTime, begun::add, () -> {});
        board.begunElsewhere(0);

        CompletableFuture<Integer> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return board.await().size();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        board.arrived(0, GRADIENT);

        assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo(1);
    }
}
