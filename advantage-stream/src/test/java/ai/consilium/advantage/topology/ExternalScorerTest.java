package ai.consilium.advantage.topology;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.advantage.AdvantageRecords;
import ai.consilium.schemas.Component;
import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.ScorerRef;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Scores that another process writes by itself. */
class ExternalScorerTest {
    private static final String CONFIG = "outside";
    private static final int SIZE = AdvantageRecords.MEMBERS.size();

    private final TopologyRig bench = new TopologyRig();

    @BeforeEach
    void publish() {
        List<ScorerRef> scorers =
                new ArrayList<>(AdvantageRecords.config(CONFIG).getScorers());
        scorers.add(external("tone", true));
        scorers.add(external("candidate-process", false));
        bench.sendConfig(ScoringConfig.newBuilder(AdvantageRecords.config(CONFIG))
                .setScorers(scorers)
                .build());
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void givenAProcessThatIsWaitedForThenTheGroupClosesWithItsLastScore() {
        begin("g");
        for (int i = 0; i < SIZE; i++) {
            assertThat(bench.groups()).isEmpty();
            bench.send(outside("g", i, id(i), List.of(tone(i / 8.0))));
        }

        TrainingGroup group = bench.groups().get(0);
        assertThat(group.getMembers()).hasSize(SIZE);
        // of sample 0: 0.8 by differential, and 0 by the process
        assertThat(group.getMembers().get(0).getParts().get("guideline")).isEqualTo(0.4);
        assertThat(group.getMembers().get(7).getParts().get("guideline")).isEqualTo(7 / 8.0);
        assertThat(bench.letters()).isEmpty();
        assertThat(bench.stateEntries()).isZero();
    }

    @Test
    void givenScoresBeforeTheirTrajectoryThenTheyCount() {
        bench.send(AdvantageRecords.prompt("g", "pediatrics", CONFIG));
        for (int i = 0; i < SIZE; i++) {
            bench.send(outside("g", i, id(i), List.of(tone(i / 8.0))));
        }
        for (int i = 0; i < SIZE; i++) {
            bench.send(trajectory("g", i));
            bench.send(ours("g", i));
        }

        assertThat(bench.groups())
                .singleElement()
                .satisfies(
                        group -> assertThat(group.getMembers().get(7).getParts().get("guideline"))
                                .isEqualTo(7 / 8.0));
        assertThat(bench.letters()).isEmpty();
        assertThat(bench.stateEntries()).isZero();
    }

    @Test
    void givenMistakesThenEachIsADeadLetterByNameAndNeverZero() {
        begin("g");
        bench.send(outside("g", 0, id(0), List.of(tone(Double.NaN))));
        bench.send(outside("g", 1, id(1), List.of(tone(1.5))));
        bench.send(outside("g", 2, id(2), List.of(given("tune", 0.5))));
        bench.send(outside("g", 3, id(3), List.of(tone(0.5), given("accuracy", 1))));
        bench.send(outside("g", 4, id(5), List.of(tone(0.5))));
        bench.send(outside("g", 6, id(6), List.of(given("tone").build())));
        bench.send(Topics.SCORES, "other", outside("g", 7, id(7), List.of(tone(0.5))));
        bench.sendBytes(Topics.SCORES, "g", "{}".getBytes(StandardCharsets.UTF_8));
        bench.send(Scores.newBuilder(outside("g", 7, id(7), List.of(tone(0.5))))
                .setScoringConfigHash("another")
                .build());
        bench.send(outside("g", 0, "nobody", List.of(tone(0.5))));

        assertThat(reasons())
                .hasSize(9)
                .satisfiesExactly(
                        reason -> assertThat(reason).isEqualTo("scorer 'tone' gave NaN, which is not in [0, 1]"),
                        reason -> assertThat(reason).isEqualTo("scorer 'tone' gave 1.5, which is not in [0, 1]"),
                        reason -> assertThat(reason).startsWith("scorer 'tune' is not one of accuracy, format, "),
                        reason -> assertThat(reason)
                                .isEqualTo("scorer 'accuracy' has version 'mine', its scoring configuration names v1:"
                                        + " only a reward service scores by it"),
                        reason -> assertThat(reason).isEqualTo("its trajectory is of sample 5, not 4"),
                        reason -> assertThat(reason).isEqualTo("scorer 'tone' gave neither a value nor a reason"),
                        reason -> assertThat(reason).isEqualTo("the key 'other' is not the group id 'g'"),
                        reason -> assertThat(reason).startsWith("unreadable: "),
                        reason -> assertThat(reason)
                                .isEqualTo("scoring configuration another is not its prompt's " + CONFIG));

        // when the right ones follow
        for (int i = 0; i < SIZE; i++) {
            bench.send(outside("g", i, id(i), List.of(tone(i / 8.0))));
        }

        assertThat(bench.groups()).singleElement().satisfies(group -> {
            assertThat(group.getMissing()).isEmpty();
            assertThat(group.getMembers().get(6).getParts().get("guideline")).isEqualTo(6 / 8.0);
        });
        assertThat(reasons()).containsExactly("no trajectory of its group has the id that it names");
        assertThat(bench.stateEntries()).isZero();
    }

    @Test
    void givenOneThatNobodyWaitsForThenTheGroupClosesWithoutItAndWhatComesLaterIsNoDeadLetter() {
        begin("g");
        for (int i = 0; i < SIZE; i++) {
            bench.send(outside("g", i, id(i), List.of(tone(i / 8.0))));
        }
        assertThat(bench.groups()).hasSize(1);

        bench.send(outside("g", 0, id(0), List.of(given("candidate-process", 0.5))));
        bench.send(outside("g", 0, "again", List.of(given("candidate-process", 0.5))));
        bench.send(outside("g", 0, "again", List.of(tone(0.5))));

        assertThat(reasons()).containsExactly("late: the group closed as complete");
    }

    @Test
    void givenOneThatStaysSilentThenTheDeadlineClosesTheGroupAndItsScoreIsLate() {
        begin("g");
        for (int i = 0; i < 4; i++) {
            bench.send(outside("g", i, id(i), List.of(tone(i / 8.0))));
        }
        bench.scoresToCome = true;
        bench.pass(Duration.ofMillis(AdvantageRecords.DEADLINE + 2000));
        assertThat(bench.groups()).isEmpty();
        assertThat(bench.awaited).containsExactly("tone");
        bench.scoresToCome = false;
        bench.pass(Duration.ofSeconds(2));

        assertThat(bench.groups())
                .singleElement()
                .satisfies(group -> assertThat(group.getMissing()).containsExactly(4, 5, 6, 7));
        bench.send(outside("g", 4, id(4), List.of(tone(0.5))));
        assertThat(reasons()).containsExactly("late: the group closed as partial");
    }

    /** A group whose trajectories are there, scored by the reward service. */
    private void begin(String group) {
        bench.send(AdvantageRecords.prompt(group, "pediatrics", CONFIG));
        for (int i = 0; i < SIZE; i++) {
            bench.send(trajectory(group, i));
            bench.send(ours(group, i));
        }
    }

    private static Trajectory trajectory(String group, int sample) {
        return Trajectory.newBuilder(AdvantageRecords.trajectory(group, sample))
                .setScoringConfigHash(CONFIG)
                .build();
    }

    private static Scores ours(String group, int sample) {
        return outside(
                group,
                sample,
                id(sample),
                AdvantageRecords.scores(group, sample).getScores());
    }

    private static Scores outside(String group, int sample, String id, List<Score> scores) {
        return new Scores(id, group, sample, CONFIG, scores, AdvantageRecords.CREATED);
    }

    private static Score tone(double value) {
        return given("tone", value);
    }

    /** Under a version that only its author knows. */
    private static Score given(String scorer, double value) {
        return given(scorer).setValue(value).build();
    }

    private static Score.Builder given(String scorer) {
        return Score.newBuilder().setScorer(scorer).setScorerVersion("mine");
    }

    private static ScorerRef external(String name, boolean required) {
        return ScorerRef.newBuilder()
                .setName(name)
                .setVersion("v1")
                .setComponent(Component.GUIDELINE)
                .setRequired(required)
                .setShadow(!required)
                .setExternal(true)
                .build();
    }

    private static String id(int sample) {
        return AdvantageRecords.id(sample);
    }

    private List<String> reasons() {
        return bench.letters().stream().map(DeadLetter::getReason).toList();
    }
}
