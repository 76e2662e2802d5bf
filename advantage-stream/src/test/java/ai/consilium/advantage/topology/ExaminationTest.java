package ai.consilium.advantage.topology;

import static ai.consilium.advantage.AdvantageRecords.score;
import static ai.consilium.advantage.AdvantageRecords.scores;
import static ai.consilium.advantage.AdvantageRecords.unscored;
import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.advantage.AdvantageRecords;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Sampling;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.Trajectory;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Groups that are examined and never trained on. */
class ExaminationTest {
    private static final String GROUP = "pediatrics@2-0";

    private final TopologyRig bench = TopologyRig.ready();

    @AfterEach
    void close() {
        bench.close();
    }

    private static Prompt prompt() {
        return Prompt.newBuilder(AdvantageRecords.prompt(GROUP))
                .setMembers(List.of("differential"))
                .setSampling(new Sampling(0.0, 64))
                .setPurpose(Purpose.VALIDATION)
                .setAdmittedAtVersion(2)
                .build();
    }

    private static Trajectory answer(long version) {
        return Trajectory.newBuilder(AdvantageRecords.trajectory(GROUP, 0, "by-" + version))
                .setPurpose(Purpose.VALIDATION)
                .setTemperature(0)
                .setSpans(List.of(new Span(0, 3, version, "ef")))
                .build();
    }

    @Test
    void givenAnAnswerWhenItsAccuracyIsKnownThenTheGroupIsExaminedAndNoLearnerSeesIt() {
        bench.send(prompt());
        bench.send(answer(2));
        // What a guideline says of it is not waited for.
        bench.send(scores(GROUP, 0, "by-2", List.of(score("accuracy", 1.0), score("format", 1.0))));

        assertThat(bench.groups()).isEmpty();
        assertThat(bench.outcomes()).singleElement().satisfies(outcome -> {
            assertThat(outcome.getOutcome()).isEqualTo(Outcome.EXAMINED);
            assertThat(outcome.getPassRate()).isEqualTo(1.0);
            assertThat(outcome.getPolicyVersion()).isEqualTo(2);
            assertThat(outcome.getSpecialty()).isEqualTo("pediatrics");
        });
        assertThat(bench.letters()).isEmpty();
        assertThat(bench.stateEntries()).isZero();
    }

    @Test
    void givenAnAnswerOfAnotherVersionThenItTakesNoPlaceAndTheReasonNamesBoth() {
        bench.send(prompt());
        bench.send(answer(3));
        bench.send(answer(2));
        bench.send(scores(GROUP, 0, "by-2", List.of(score("accuracy", 0.0), score("format", 1.0))));

        assertThat(bench.letters())
                .singleElement()
                .satisfies(letter -> assertThat(letter.getReason())
                        .isEqualTo("it was sampled by version 3, its prompt examines version 2"));
        assertThat(bench.outcomes())
                .singleElement()
                .satisfies(outcome -> assertThat(outcome.getPassRate()).isZero());
    }

    @Test
    void givenAnAnswerThatCouldNotBeJudgedThenItIsNotTakenForWrong() {
        bench.send(prompt());
        bench.send(answer(2));
        bench.send(scores(GROUP, 0, "by-2", List.of(unscored("accuracy", "broken"), score("format", 1.0))));

        assertThat(bench.outcomes()).singleElement().satisfies(outcome -> {
            assertThat(outcome.getOutcome()).isEqualTo(Outcome.EXAMINED);
            assertThat(outcome.getPassRate()).isNull();
        });
    }

    @Test
    void givenNoAnswerWhenTheDeadlinePassesThenTheGroupIsAbandoned() {
        bench.send(prompt());
        bench.pass(Duration.ofMillis(AdvantageRecords.DEADLINE));

        assertThat(bench.outcomes()).singleElement().satisfies(outcome -> {
            assertThat(outcome.getOutcome()).isEqualTo(Outcome.ABANDONED);
            assertThat(outcome.getReason()).contains("0 of 1 trajectories are scored, 1 are needed");
        });
    }
}
