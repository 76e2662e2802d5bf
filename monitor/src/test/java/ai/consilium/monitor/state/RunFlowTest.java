package ai.consilium.monitor.state;

import static ai.consilium.monitor.state.Stories.PEDIATRICS;
import static ai.consilium.monitor.state.Stories.group;
import static ai.consilium.monitor.state.Stories.outcome;
import static ai.consilium.monitor.state.Stories.trajectory;
import static ai.consilium.monitor.state.Stories.update;
import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Scores;
import ai.consilium.testing.RunRecords;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

class RunFlowTest {
    private final RunState state = new RunState("run", List.of(PEDIATRICS), 4);

    private void add(SpecificRecord record) {
        state.add(record, 0, 1_000);
    }

    private void begin(String group) {
        add(Prompt.newBuilder(RunRecords.prompt(group, PEDIATRICS))
                .setMembers(List.of("none"))
                .setCreatedMs(1_000)
                .build());
    }

    private void score(String group) {
        add(new Scores(group + "/0", group, 0, "plan", List.of(), 1_000L));
    }

    private List<Integer> waiting() {
        return state.at(2_000).flow().arrows().stream()
                .map(RunFlow.Arrow::waiting)
                .toList();
    }

    @Test
    void givenAGroupThenItWaitsForOneStageAfterTheOther() {
        begin("g");
        assertThat(waiting()).containsExactly(1, 0, 0, 0, 0);
        add(trajectory("g", 1_000, 3));
        assertThat(waiting()).containsExactly(0, 1, 0, 0, 0);
        score("g");
        assertThat(waiting()).containsExactly(0, 0, 1, 0, 0);
        add(group("g", 0, 1.0, null));
        assertThat(waiting()).containsExactly(0, 0, 0, 1, 0);
        add(outcome("g", Outcome.TRAINED));
        assertThat(waiting()).containsExactly(0, 0, 0, 0, 0);
        // delivered again
        add(trajectory("g", 1_000, 3));
        score("g");
        assertThat(waiting()).containsExactly(0, 0, 0, 0, 0);
        assertThat(state.at(2_000).flow().arrows().get(RunFlow.TRAJECTORIES).total())
                .isEqualTo(2);
    }

    @Test
    void givenGroupsThatPileUpBeforeTheRewardsThenTheAdvantagesStarveAndTheSentenceSaysSo() {
        add(update(0, 0, false));
        for (int i = 0; i < 3; i++) {
            begin("g-" + i);
            add(trajectory("g-" + i, 1_000, 3));
        }

        assertThat(state.at(2_000).sentence()).isEqualTo("Reading the log: 3 groups so far.");

        state.caughtUp();
        RunSnapshot run = state.at(2_000);

        assertThat(run.flow().stages())
                .filteredOn(RunFlow.Stage::starving)
                .extracting(RunFlow.Stage::name)
                .containsExactly("advantages");
        assertThat(run.sentence())
                .contains("Reinforcement is under way")
                .contains("the advantages wait for the rewards");
        assertThat(run.flow().arrows().get(RunFlow.TRAJECTORIES).oldestMs()).isEqualTo(1_000);
    }

    @Test
    void givenSilenceThenTheSentenceSaysThatTheRunStoppedAndNobodyStarves() {
        add(update(0, 0, false));
        begin("g");

        state.caughtUp();
        RunSnapshot run = state.at(3_600_000);

        assertThat(run.sentence())
                .startsWith("Stopped, or silent, during reinforcement")
                .contains("1 of 1 groups are open");
        assertThat(run.flow().stages()).noneMatch(RunFlow.Stage::starving);
    }

    @Test
    void givenNothingThenTheSentenceSaysSo() {
        assertThat(state.at(1).sentence()).isEqualTo("Nothing is on the log yet.");
    }
}
