package ai.consilium.advantage.topology;

import static ai.consilium.advantage.AdvantageRecords.prompt;
import static ai.consilium.advantage.AdvantageRecords.scores;
import static ai.consilium.advantage.AdvantageRecords.trajectory;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ai.consilium.advantage.AdvantageRecords;
import ai.consilium.schemas.Closing;
import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.TrainingGroup;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What time does to a group, on a clock that only the test moves. */
class DeadlineTest {
    private static final Duration PAST_DEADLINE = Duration.ofMillis(AdvantageRecords.DEADLINE);
    private final TopologyRig bench = TopologyRig.ready();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void givenHalfOfTheGroupWhenTheDeadlinePassesThenItClosesAsPartialAndTheRestIsLate() {
        bench.send(prompt("g"));
        for (int i : new int[] {0, 1, 2, 5}) {
            bench.sendMember("g", i);
        }
        bench.send(trajectory("g", 7));
        bench.pass(PAST_DEADLINE.minusSeconds(1));
        assertThat(bench.groups()).isEmpty();
        bench.pass(Duration.ofSeconds(1));

        TrainingGroup group = onlyGroup();
        assertThat(group.getClosed()).isEqualTo(Closing.PARTIAL);
        assertThat(group.getMembers()).extracting(Member::getSampleIndex).containsExactly(0, 1, 2, 5);
        assertThat(group.getMissing()).containsExactly(3, 4, 6, 7);

        bench.sendMember("g", 3);
        bench.send(scores("g", 7));
        assertThat(bench.letters())
                .hasSize(3)
                .allSatisfy(letter -> assertThat(letter.getReason()).contains("late", "partial"));
    }

    @Test
    void givenTooFewScoredWhenTheDeadlinePassesThenItIsAbandonedWithTheFigures() {
        bench.send(prompt("g"));
        for (int i = 0; i < 3; i++) {
            bench.sendMember("g", i);
        }
        bench.pass(PAST_DEADLINE);

        assertThat(bench.groups()).isEmpty();
        assertThat(bench.outcomes()).singleElement().satisfies(outcome -> {
            assertThat(outcome.getOutcome()).isEqualTo(Outcome.ABANDONED);
            assertThat(outcome.getReason()).contains("3 of 8", "4 are needed");
        });
        assertThat(bench.stateEntries()).isZero();
    }

    @Test
    void givenTrajectoriesThatAreStillToBeScoredWhenTheDeadlinePassesThenTheGroupWaitsForThem() {
        bench.send(prompt("waits"));
        bench.send(prompt("sampled-by-nobody"));
        for (int i = 0; i < 8; i++) {
            bench.send(trajectory("waits", i));
        }
        bench.scoresToCome = true;
        bench.pass(PAST_DEADLINE.multipliedBy(2));
        // No score would help a group of which no trajectory is there.
        assertThat(bench.outcomes())
                .extracting(GroupOutcome::getGroupId, GroupOutcome::getOutcome)
                .containsExactly(tuple("sampled-by-nobody", Outcome.ABANDONED));

        for (int i = 0; i < 8; i++) {
            bench.send(scores("waits", i));
        }

        assertThat(onlyGroup().getClosed()).isEqualTo(Closing.COMPLETE);
    }

    @Test
    void givenUnreadInputWhenTheDeadlinePassesThenNothingClosesUntilItIsRead() {
        bench.send(prompt("g"));
        bench.unread = true;
        bench.pass(PAST_DEADLINE.multipliedBy(2));
        assertThat(bench.outcomes()).isEmpty();

        for (int i = 0; i < 8; i++) {
            bench.sendMember("g", i);
        }

        assertThat(onlyGroup().getClosed()).isEqualTo(Closing.COMPLETE);
    }

    @Test
    void givenRecordsWithoutAPromptWhenNoneComesThenTheyAreDeadLetters() {
        bench.sendMember("ghost", 0);
        bench.pass(TopologyRig.RETENTION.minusSeconds(1));
        assertThat(bench.letters()).isEmpty();
        bench.pass(Duration.ofSeconds(1));

        assertThat(bench.letters()).extracting(DeadLetter::getTopic).containsExactly("run-scores", "run-trajectories");
        assertThat(bench.stateEntries()).isZero();
    }

    @Test
    void givenAClosedGroupWhenItsRetentionHasPassedThenItsMarkIsForgotten() {
        bench.send(prompt("g"));
        for (int i = 0; i < 8; i++) {
            bench.sendMember("g", i);
        }
        assertThat(bench.marks()).isEqualTo(1);

        bench.pass(TopologyRig.RETENTION.multipliedBy(2));

        assertThat(bench.marks()).isZero();
    }

    private TrainingGroup onlyGroup() {
        List<TrainingGroup> groups = bench.groups();
        assertThat(groups).hasSize(1);
        return groups.get(0);
    }
}
