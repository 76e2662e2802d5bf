package ai.consilium.advantage;

import static ai.consilium.advantage.Records.MEMBERS;
import static ai.consilium.advantage.Records.prompt;
import static ai.consilium.advantage.Records.score;
import static ai.consilium.advantage.Records.scores;
import static ai.consilium.advantage.Records.trajectory;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.schemas.Closing;
import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdvantageTopologyTest {
    private static final Duration PAST_DEADLINE = Duration.ofMillis(Records.DEADLINE);
    private final Bench bench = Bench.ready();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void givenEveryMemberScored_thenTheGroupClosesOnceWithAllThatALearnerNeeds() {
        bench.send(prompt("g"));
        for (int i = 0; i < 8; i++) {
            assertThat(bench.groups()).isEmpty();
            bench.sendMember("g", i);
        }

        TrainingGroup group = onlyGroup();
        assertThat(group.getClosed()).isEqualTo(Closing.COMPLETE);
        assertThat(group.getSpecialty()).isEqualTo("pediatrics");
        assertThat(group.getGroupSize()).isEqualTo(8);
        assertThat(group.getMissing()).isEmpty();
        assertThat(group.getCreatedMs()).isEqualTo(Records.CREATED);
        assertThat(group.getMembers()).extracting(Member::getSampleIndex).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        Member first = group.getMembers().get(0);
        assertThat(first.getTokens()).containsExactly(5, 6, 0);
        assertThat(first.getLogprobs()).containsExactly(-.1f, -.2f, -.3f);
        assertThat(first.getSpans()).isEqualTo(trajectory("g", 0).getSpans());
        assertThat(first.getAdvantage()).isPositive();
        assertThat(first.getParts()).containsEntry("accuracy", 1.0).containsEntry("guideline", .8);
        assertThat(group.getMembers().get(3).getTruncated()).isTrue();
        assertThat(group.getMembers().get(6).getParts()).doesNotContainKeys("guideline", "z_g");
        double sum = group.getMembers().stream().mapToDouble(Member::getAdvantage).sum();
        assertThat(group.getCapResidual()).isCloseTo(sum, within(1e-12));
        assertThat(bench.stateEntries()).isZero();
        assertThat(bench.outcomes()).isEmpty();
        assertThat(bench.letters()).isEmpty();
    }

    @Test
    void givenEverythingDelivered_whenDeliveredAgain_thenNothingChangesAndNothingIsADeadLetter() {
        sendAll("g");
        bench.groups();

        sendAll("g");
        bench.pass(PAST_DEADLINE);

        assertThat(bench.groups()).isEmpty();
        assertThat(bench.outcomes()).isEmpty();
        assertThat(bench.letters()).isEmpty();
        assertThat(bench.stateEntries()).isZero();
    }

    @Test
    void givenASecondAttemptOfASample_thenTheFirstInTheLogWinsAndTheSecondIsCounted() {
        bench.send(prompt("g"));
        bench.send(trajectory("g", 0));
        bench.send(trajectory("g", 0, "other"));
        bench.send(scores("g", 0, "other", 0));
        for (int i = 0; i < 8; i++) {
            bench.sendMember("g", i);
        }
        bench.send(trajectory("g", 1, "behind"));
        bench.send(scores("g", 1, "behind", 1));

        TrainingGroup group = onlyGroup();
        assertThat(group.getMembers().get(0).getTrajectoryId()).isEqualTo("t0");
        assertThat(group.getMembers().get(0).getParts()).containsEntry("accuracy", 1.0);
        assertThat(group.getSuperseded()).isEqualTo(1);
        assertThat(bench.counted("consilium.advantage.trajectories.superseded")).isEqualTo(2);
        assertThat(bench.letters()).isEmpty();
    }

    @Test
    void givenAScorerThatFailed_thenItsReasonCountsAsAnAnswerAndNotAsZero() {
        bench.send(prompt("g"));
        for (int i = 0; i < 7; i++) {
            bench.sendMember("g", i);
        }
        bench.send(trajectory("g", 7));
        bench.send(scores("g", 7, "t7", List.of(score("accuracy", 0.0, null), score("format", null, null))));
        assertThat(bench.groups()).isEmpty();
        bench.send(scores("g", 7, "t7", List.of(score("accuracy", 1.0, null), score("format", null, "timed out"))));
        assertThat(bench.groups()).isEmpty();
    }

    @Test
    void givenScoresInTwoRecords_thenOfEachScorerTheFirstCounts() {
        bench.send(prompt("g"));
        for (int i = 0; i < 7; i++) {
            bench.sendMember("g", i);
        }
        bench.send(trajectory("g", 7));
        bench.send(scores("g", 7, "t7", List.of(score("accuracy", 0.0, null))));
        assertThat(bench.groups()).isEmpty();
        bench.send(scores("g", 7, "t7", List.of(score("accuracy", 1.0, null), score("format", null, "timed out"))));

        Member member = onlyGroup().getMembers().get(7);
        assertThat(member.getParts()).containsEntry("accuracy", 0.0).doesNotContainKey("format");
        assertThat(member.getAdvantage()).isNegative();
    }

    @Test
    void givenNoVarianceInAnyComponent_thenTheGroupIsFiltered() {
        bench.send(prompt("g"));
        for (int i = 0; i < 8; i++) {
            bench.send(trajectory("g", i));
            bench.send(scores(
                    "g",
                    i,
                    "t" + i,
                    List.of(
                            score("accuracy", 0.0, null),
                            score("format", 1.0, null),
                            score(MEMBERS.get(i), i / 8.0, null))));
        }

        assertThat(bench.groups()).isEmpty();
        assertThat(bench.outcomes()).singleElement().satisfies(outcome -> {
            assertThat(outcome.getOutcome()).isEqualTo(Outcome.FILTERED);
            assertThat(outcome.getSpecialty()).isEqualTo("pediatrics");
            assertThat(outcome.getWriter()).isEqualTo("advantage/test");
        });
        assertThat(bench.stateEntries()).isZero();
    }

    @Test
    void givenHalfOfTheGroup_whenTheDeadlinePasses_thenItClosesAsPartialAndTheRestIsLate() {
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
    void givenTooFewScored_whenTheDeadlinePasses_thenItIsAbandonedWithTheFigures() {
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
    void givenUnreadInput_whenTheDeadlinePasses_thenNothingClosesUntilItIsRead() {
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
    void givenPoisonedRecords_thenTheirBytesAreDeadLettersAndTheGroupGoesOn() {
        byte[] poison = {9, 9, 9};
        bench.send(prompt("g"));
        bench.sendBytes(Topics.TRAJECTORIES, "g", poison);
        bench.send(Topics.SCORES, "wrong-key", scores("g", 0));
        bench.send(Topics.PROMPTS, "g", trajectory("g", 0));
        bench.send(scores("g", 0, "t0", List.of(score("accuracy", 1.5, null))));
        bench.send(prompt("h", "surgery", "config"));
        for (int i = 0; i < 8; i++) {
            bench.sendMember("g", i);
        }

        List<DeadLetter> letters = bench.letters();
        assertThat(letters).hasSize(5);
        assertThat(letters.get(0).getOriginalValue().array()).isEqualTo(poison);
        assertThat(letters.get(0).getTopic()).isEqualTo("run-trajectories");
        assertThat(new String(letters.get(1).getOriginalKey().array(), StandardCharsets.UTF_8))
                .isEqualTo("wrong-key");
        assertThat(letters.get(3).getReason()).contains("'accuracy'", "1.5");
        assertThat(letters.get(4).getReason()).contains("'surgery'");
        assertThat(bench.outcomes()).singleElement().satisfies(outcome -> assertThat(outcome.getOutcome())
                .isEqualTo(Outcome.REJECTED));
        assertThat(onlyGroup().getMembers()).hasSize(8);
    }

    @Test
    void givenATrajectoryThatIsNotWhatThePromptAskedFor_thenItTakesNoPlace() {
        bench.send(prompt("g"));
        var elsewhere = ai.consilium.schemas.Trajectory.newBuilder(trajectory("g", 0, "bad"))
                .setPerspective("bayesian")
                .build();
        bench.send(elsewhere);
        for (int i = 0; i < 8; i++) {
            bench.sendMember("g", i);
        }

        assertThat(bench.letters()).singleElement().satisfies(letter -> assertThat(letter.getReason())
                .contains("bayesian"));
        assertThat(onlyGroup().getMembers().get(0).getTrajectoryId()).isEqualTo("t0");
    }

    @Test
    void givenTheConfigurationComesLast_thenTheGroupWaitsForIt() {
        bench.send(prompt("g", "pediatrics", "config"));
        try (Bench blank = new Bench()) {
            blank.send(prompt("g"));
            for (int i = 0; i < 8; i++) {
                blank.sendMember("g", i);
            }
            blank.pass(Bench.TICK);
            assertThat(blank.groups()).isEmpty();
            blank.sendConfig(Records.config("config"));
            blank.pass(Bench.TICK);
            assertThat(blank.groups()).hasSize(1);
        }
    }

    @Test
    void givenAConfigurationThatCannotScore_thenTheGroupIsRejectedWithTheReason() {
        ScoringConfig config = Records.config("ppo");
        bench.sendConfig(new ScoringConfig("ppo", "ppo", Map.of(), config.getScorers(), "{}"));

        bench.send(prompt("g", "pediatrics", "ppo"));

        assertThat(bench.outcomes()).singleElement().satisfies(outcome -> {
            assertThat(outcome.getOutcome()).isEqualTo(Outcome.REJECTED);
            assertThat(outcome.getReason()).contains("'ppo'");
        });
    }

    @Test
    void givenRecordsWithoutAPrompt_whenNoneComes_thenTheyAreDeadLetters() {
        bench.sendMember("ghost", 0);
        bench.pass(Bench.RETENTION.minusSeconds(1));
        assertThat(bench.letters()).isEmpty();
        bench.pass(Duration.ofSeconds(1));

        assertThat(bench.letters()).extracting(DeadLetter::getTopic).containsExactly("run-scores", "run-trajectories");
        assertThat(bench.stateEntries()).isZero();
    }

    @Test
    void givenAClosedGroup_whenItsRetentionHasPassed_thenItsMarkIsForgotten() {
        sendAll("g");
        assertThat(bench.marks()).isEqualTo(1);

        bench.pass(Bench.RETENTION.multipliedBy(2));

        assertThat(bench.marks()).isZero();
    }

    private void sendAll(String group) {
        bench.send(prompt(group));
        for (int i = 0; i < 8; i++) {
            bench.sendMember(group, i);
        }
    }

    private TrainingGroup onlyGroup() {
        List<TrainingGroup> groups = bench.groups();
        assertThat(groups).hasSize(1);
        return groups.get(0);
    }
}
