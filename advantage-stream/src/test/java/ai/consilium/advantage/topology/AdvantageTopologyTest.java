package ai.consilium.advantage.topology;

import static ai.consilium.advantage.AdvantageRecords.MEMBERS;
import static ai.consilium.advantage.AdvantageRecords.prompt;
import static ai.consilium.advantage.AdvantageRecords.score;
import static ai.consilium.advantage.AdvantageRecords.scores;
import static ai.consilium.advantage.AdvantageRecords.trajectory;
import static ai.consilium.advantage.AdvantageRecords.unscored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.advantage.AdvantageRecords;
import ai.consilium.platform.service.MetricNames;
import ai.consilium.schemas.Closing;
import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdvantageTopologyTest {
    private final TopologyRig bench = TopologyRig.ready();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void givenEveryMemberScoredThenTheGroupClosesOnceWithAllThatALearnerNeeds() {
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
        assertThat(group.getCreatedMs()).isEqualTo(AdvantageRecords.CREATED);
        assertThat(group.getMembers()).extracting(Member::getSampleIndex).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        Member first = group.getMembers().get(0);
        assertThat(first.getTokens()).containsExactly(5, 6, 0);
        assertThat(first.getLogprobs()).containsExactly(-.1f, -.2f, -.3f);
        assertThat(first.getSpans()).isEqualTo(trajectory("g", 0).getSpans());
        assertThat(first.getAdvantage()).isPositive();
        assertThat(first.getParts()).containsEntry("accuracy", 1.0).containsEntry("guideline", .8);
        assertThat(group.getMembers().get(3).getTruncated()).isTrue();
        assertThat(group.getMembers().get(6).getParts()).doesNotContainKeys("guideline", "z_g");
        double sum =
                group.getMembers().stream().mapToDouble(Member::getAdvantage).sum();
        assertThat(group.getCapResidual()).isCloseTo(sum, within(1e-12));
        assertThat(bench.stateEntries()).isZero();
        assertThat(bench.outcomes()).isEmpty();
        assertThat(bench.letters()).isEmpty();
    }

    @Test
    void givenAGroupForDistillationWhenItsTrajectoriesAreThereThenItClosesForItsPolicyWithoutScores() {
        Prompt prompt = Prompt.newBuilder(prompt("g"))
                .setPolicy(Topics.UNIFIED)
                .setPurpose(Purpose.DISTILL)
                .build();
        bench.send(prompt);
        for (int i = 0; i < 8; i++) {
            assertThat(bench.groups()).isEmpty();
            bench.send(Trajectory.newBuilder(trajectory("g", i))
                    .setPolicy(Topics.UNIFIED)
                    .setPurpose(Purpose.DISTILL)
                    .build());
        }
        // Whoever scores it nevertheless changes nothing.
        bench.send(AdvantageRecords.scores("g", 0));

        var record = bench.keyedGroups();
        assertThat(record).hasSize(1);
        assertThat(record.get(0).key()).isEqualTo(Topics.UNIFIED);
        TrainingGroup group = record.get(0).value();
        assertThat(group.getSpecialty()).isEqualTo("pediatrics");
        assertThat(group.getPurpose()).isEqualTo(Purpose.DISTILL);
        assertThat(group.getMembers()).hasSize(8).allSatisfy(member -> {
            assertThat(member.getAdvantage()).isZero();
            assertThat(member.getParts()).isEmpty();
        });
        assertThat(bench.stateEntries()).isZero();
        assertThat(bench.outcomes()).isEmpty();
        assertThat(bench.letters()).isEmpty();
    }

    @Test
    void givenARewardedGroupForDistillationWhenAllAreScoredAlikeThenItWaitedForScoresAndTeachesAllTheSame() {
        bench.send(Prompt.newBuilder(prompt("g"))
                .setPolicy(Topics.UNIFIED)
                .setPurpose(Purpose.DISTILL_REWARDED)
                .build());
        for (int i = 0; i < 8; i++) {
            bench.send(Trajectory.newBuilder(trajectory("g", i))
                    .setPolicy(Topics.UNIFIED)
                    .setPurpose(Purpose.DISTILL_REWARDED)
                    .build());
        }
        assertThat(bench.groups()).isEmpty();
        for (int i = 0; i < 8; i++) {
            bench.send(scores("g", i, "t" + i, given(i, 1.0, .5)));
        }

        TrainingGroup group = onlyGroup();
        assertThat(group.getPurpose()).isEqualTo(Purpose.DISTILL_REWARDED);
        assertThat(group.getMembers()).hasSize(8).allSatisfy(member -> {
            assertThat(member.getAdvantage()).isZero();
            assertThat(member.getParts()).containsEntry("accuracy", 1.0);
        });
        assertThat(bench.outcomes()).isEmpty();
    }

    @Test
    void givenEverythingDeliveredWhenDeliveredAgainThenNothingChangesAndNothingIsADeadLetter() {
        sendAll("g");
        bench.groups();

        sendAll("g");
        bench.pass(Duration.ofMillis(AdvantageRecords.DEADLINE));

        assertThat(bench.groups()).isEmpty();
        assertThat(bench.outcomes()).isEmpty();
        assertThat(bench.letters()).isEmpty();
        assertThat(bench.stateEntries()).isZero();
    }

    @Test
    void givenScoresThatNobodyWaitedForWheneverTheyComeThenTheyCountNowhere() {
        Scores late = AdvantageRecords.scores(
                "g",
                0,
                AdvantageRecords.id(0),
                List.of(
                        Score.newBuilder(AdvantageRecords.score("accuracy", 0.0))
                                .setLate(true)
                                .build(),
                        Score.newBuilder(AdvantageRecords.unscored("candidate", "slow"))
                                .setLate(true)
                                .build()));
        bench.send(late);
        bench.send(prompt("g"));
        bench.send(late);
        for (int i = 0; i < 8; i++) {
            bench.sendMember("g", i);
        }
        bench.send(late);

        assertThat(onlyGroup().getMembers().get(0).getParts()).containsEntry("accuracy", 1.0);
        assertThat(bench.counted(MetricNames.ADVANTAGE_RECORDS_REPEATED)).isZero();
        assertThat(bench.letters()).isEmpty();
        assertThat(bench.stateEntries()).isZero();
    }

    @Test
    void givenASecondAttemptOfASampleThenTheFirstInTheLogWinsAndTheSecondIsCounted() {
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
        assertThat(bench.counted(MetricNames.ADVANTAGE_TRAJECTORIES_SUPERSEDED)).isEqualTo(2);
        assertThat(bench.letters()).isEmpty();
    }

    @Test
    void givenAScorerThatFailedThenItsReasonCountsAsAnAnswerAndNotAsZero() {
        bench.send(prompt("g"));
        for (int i = 0; i < 7; i++) {
            bench.sendMember("g", i);
        }
        bench.send(trajectory("g", 7));
        bench.send(scores("g", 7, "t7", List.of(score("accuracy", 0.0), unscored("format", "timed out"))));

        assertThat(onlyGroup().getMembers().get(7).getParts())
                .containsEntry("accuracy", 0.0)
                .doesNotContainKeys("format", "z_f");
    }

    @Test
    void givenScoresInTwoRecordsThenOfEachScorerTheFirstCounts() {
        bench.send(prompt("g"));
        for (int i = 0; i < 7; i++) {
            bench.sendMember("g", i);
        }
        bench.send(trajectory("g", 7));
        bench.send(scores("g", 7, "t7", List.of(score("accuracy", 0.0))));
        assertThat(bench.groups()).isEmpty();
        bench.send(scores("g", 7, "t7", List.of(score("accuracy", 1.0), unscored("format", "timed out"))));

        Member member = onlyGroup().getMembers().get(7);
        assertThat(member.getParts()).containsEntry("accuracy", 0.0).doesNotContainKey("format");
        assertThat(member.getAdvantage()).isNegative();
    }

    @Test
    void givenNoVarianceInAnyComponentThenTheGroupIsFiltered() {
        bench.send(prompt("g"));
        for (int i = 0; i < 8; i++) {
            bench.send(trajectory("g", i));
            bench.send(scores("g", i, "t" + i, given(i, 0.0, i / 8.0)));
        }

        assertThat(bench.groups()).isEmpty();
        assertThat(bench.outcomes()).singleElement().satisfies(outcome -> {
            assertThat(outcome.getOutcome()).isEqualTo(Outcome.FILTERED);
            assertThat(outcome.getPassRate()).isIn(0.0, 1.0);
            assertThat(outcome.getSpecialty()).isEqualTo("pediatrics");
            assertThat(outcome.getWriter()).isEqualTo("advantage/test");
        });
        assertThat(bench.stateEntries()).isZero();
    }

    @Test
    void givenPoisonedRecordsThenTheirBytesAreDeadLettersAndTheGroupGoesOn() {
        byte[] poison = {9, 9, 9};
        bench.send(prompt("g"));
        bench.sendBytes(Topics.TRAJECTORIES, "g", poison);
        bench.send(Topics.SCORES, "wrong-key", scores("g", 0));
        bench.send(Topics.PROMPTS, "g", trajectory("g", 0));
        bench.send(scores("g", 0, "t0", List.of(score("accuracy", 1.5))));
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
        assertThat(bench.outcomes())
                .singleElement()
                .satisfies(outcome -> assertThat(outcome.getOutcome()).isEqualTo(Outcome.REJECTED));
        assertThat(onlyGroup().getMembers()).hasSize(8);
    }

    @Test
    void givenATrajectoryThatIsNotWhatThePromptAskedForThenItTakesNoPlace() {
        bench.send(prompt("g"));
        Trajectory elsewhere = Trajectory.newBuilder(trajectory("g", 0, "bad"))
                .setPerspective("bayesian")
                .build();
        bench.send(elsewhere);
        for (int i = 0; i < 8; i++) {
            bench.sendMember("g", i);
        }

        assertThat(bench.letters())
                .singleElement()
                .satisfies(letter -> assertThat(letter.getReason()).contains("bayesian"));
        assertThat(onlyGroup().getMembers().get(0).getTrajectoryId()).isEqualTo("t0");
    }

    @Test
    void givenTheConfigurationComesLastThenTheGroupWaitsForIt() {
        try (TopologyRig blank = new TopologyRig()) {
            blank.send(prompt("g"));
            for (int i = 0; i < 8; i++) {
                blank.sendMember("g", i);
            }
            blank.pass(TopologyRig.TICK);
            assertThat(blank.groups()).isEmpty();
            blank.sendConfig(AdvantageRecords.config("config"));
            blank.pass(TopologyRig.TICK);
            assertThat(blank.groups()).hasSize(1);
        }
    }

    @Test
    void givenPoliciesAndPurposesThenTheyAreCopiedAndWhatDoesNotFitIsRefusedByName() {
        Prompt prompt = Prompt.newBuilder(prompt("g"))
                .setPolicy("adult_medicine")
                .setPurpose(Purpose.DISTILL)
                .setRound(2)
                .build();
        bench.send(prompt);
        bench.send(trajectory("g", 0));
        for (int i = 0; i < 8; i++) {
            bench.send(Trajectory.newBuilder(trajectory("g", i))
                    .setPolicy("adult_medicine")
                    .setPurpose(Purpose.DISTILL)
                    .build());
            bench.send(scores("g", i));
        }
        bench.send(Prompt.newBuilder(prompt("h")).setPurpose("guess").build());
        bench.send(Prompt.newBuilder(prompt("i")).setPolicy("nobody").build());

        assertThat(bench.keyedGroups()).singleElement().satisfies(record -> {
            assertThat(record.key()).isEqualTo("adult_medicine");
            assertThat(record.value().getPolicy()).isEqualTo("adult_medicine");
            assertThat(record.value().getPurpose()).isEqualTo(Purpose.DISTILL);
            assertThat(record.value().getRound()).isEqualTo(2);
        });
        assertThat(bench.letters())
                .extracting(DeadLetter::getReason)
                .containsExactly(
                        "policy 'pediatrics' is not its prompt's 'adult_medicine'",
                        "purpose 'guess' is none of rl, distill, distill_rewarded, validation",
                        "policy 'nobody' is not one of [adult_medicine, pediatrics, unified]");
        assertThat(bench.outcomes())
                .hasSize(2)
                .allSatisfy(outcome -> assertThat(outcome.getOutcome()).isEqualTo(Outcome.REJECTED));
    }

    @Test
    void givenAConfigurationThatCannotScoreThenTheGroupIsRejectedWithTheReason() {
        ScoringConfig config = AdvantageRecords.config("ppo");
        bench.sendConfig(new ScoringConfig("ppo", "ppo", Map.of(), config.getScorers(), "{}"));

        bench.send(prompt("g", "pediatrics", "ppo"));

        assertThat(bench.outcomes()).singleElement().satisfies(outcome -> {
            assertThat(outcome.getOutcome()).isEqualTo(Outcome.REJECTED);
            assertThat(outcome.getReason()).contains("'ppo'");
        });
    }

    private void sendAll(String group) {
        bench.send(prompt(group));
        for (int i = 0; i < 8; i++) {
            bench.sendMember(group, i);
        }
    }

    /** What the scorers that apply to a sample give it. */
    private static List<Score> given(int sample, double accuracy, double guideline) {
        List<Score> given = new ArrayList<>(List.of(score("accuracy", accuracy), score("format", 1.0)));
        if (!MEMBERS.get(sample).equals("none")) {
            given.add(score(MEMBERS.get(sample), guideline));
        }
        return given;
    }

    private TrainingGroup onlyGroup() {
        List<TrainingGroup> groups = bench.groups();
        assertThat(groups).hasSize(1);
        return groups.get(0);
    }
}
