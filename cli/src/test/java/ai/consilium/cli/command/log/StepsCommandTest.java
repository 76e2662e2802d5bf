package ai.consilium.cli.command.log;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.runlog.TrainingStep;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StepsCommandTest {
    @Test
    void givenStepsWhenWrittenAsCsvThenEachIsALineAndAMissingMetricIsEmpty() throws IOException {
        // given
        List<TrainingStep> steps = List.of(
                new TrainingStep("chest_x-ray", 1, Map.of("loss", 0.1 + 0.2, "rollout_corr/rollout_is_mean", 1.0)),
                new TrainingStep("derm", 12, Map.of("loss", -1e-7, "adv/batch_mean", Double.NaN)));

        // when
        String csv = StepsCommand.csv(steps);

        // then
        assertThat(csv).isEqualTo("""
                        specialty,version,adv/batch_mean,loss,rollout_corr/rollout_is_mean
                        chest_x-ray,1,,0.30000000000000004,1.0
                        derm,12,NaN,-1.0E-7,
                        """);
    }

    @Test
    void givenNoStepsWhenWrittenAsCsvThenThereIsOnlyTheHeader() throws IOException {
        assertThat(StepsCommand.csv(List.of())).isEqualTo("specialty,version\n");
    }
}
