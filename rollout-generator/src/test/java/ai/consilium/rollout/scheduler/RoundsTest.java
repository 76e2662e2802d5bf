package ai.consilium.rollout.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.TrainingPlan;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoundsTest {
    private static final String POLICY = "pediatrics";

    private static Rounds rounds(int number) {
        Map<String, Pace> paces = Map.of(POLICY, new Pace(new TrainingPlan(1, 2, 1, 1), false, 2, 1));
        return new Rounds(
                number, round -> new RoundBooks(new AdmissionController(paces), new NoProgressGuard(0, paces)));
    }

    private static void end(Rounds rounds, int round) {
        rounds.of(round).admission().published(POLICY, 3L * round + 2, true, List.of());
    }

    @Test
    void givenTwoRoundsWhenBothHaveEndedThenTheRunIsOver() {
        Rounds rounds = rounds(2);
        assertThat(rounds.over()).isFalse();
        end(rounds, 0);
        assertThat(rounds.over()).isFalse();
        assertThat(rounds.current()).isSameAs(rounds.of(1).admission());
        end(rounds, 1);

        assertThat(rounds.over()).isTrue();
        assertThat(rounds.current()).isSameAs(rounds.of(1).admission());
        assertThatThrownBy(() -> rounds.of(2))
                .isInstanceOf(UsageException.class)
                .hasMessage("rounds: the log has records of round 3, but this run has 2; set it back");
    }

    @Test
    void givenNoEndWhenARoundEndsThenTheNextIsUnderWayUntilTheRunIsToldToStop() {
        Rounds rounds = rounds(0);
        for (int round = 0; round < 5; round++) {
            assertThat(rounds.current()).isSameAs(rounds.of(round).admission());
            end(rounds, round);
            assertThat(rounds.over()).isFalse();
        }
        // Books of the next are opened already.
        assertThat(rounds.current()).isSameAs(rounds.of(5).admission());

        rounds.endedWith(4);

        assertThat(rounds.over()).isTrue();
        assertThat(rounds.current()).isSameAs(rounds.of(4).admission());
    }

    @Test
    void givenMoreRoundsWhenToldToStopInTheFirstThenItIsTheLast() {
        Rounds rounds = rounds(3);
        end(rounds, 0);
        rounds.endedWith(0);

        assertThat(rounds.over()).isTrue();
    }
}
