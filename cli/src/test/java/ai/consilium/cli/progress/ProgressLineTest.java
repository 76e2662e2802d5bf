package ai.consilium.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.monitor.state.RunState;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.RunEvent;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    @Test
    void givenASupervisedStartThenTheLineTellsHowFarItIsAndThatItLearns() {
        RunState state = new RunState("run", List.of("oncology_surgery"), 60);
        assertThat(ProgressLine.render(state.at(1), 61)).isEqualTo("01:01 adaptation | oncology dsa | 0 tokens/s");

        state.add(
                new RunEvent(
                        "run",
                        "learner",
                        "here",
                        EventKind.PROGRESS,
                        "",
                        Map.of("step", 12., "steps", 40., "loss", 0.5),
                        Map.of("phase", "dsa", "specialty", "oncology_surgery"),
                        2L),
                0,
                2);

        assertThat(ProgressLine.render(state.at(3), 62))
                .isEqualTo("01:02 adaptation | oncology dsa 12/40 loss 0.50 | 0 tokens/s");
    }
}
