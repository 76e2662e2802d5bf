package ai.consilium.cli.ablation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cli.ablation.AblationUnit.State;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.SettingDifference;
import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class AblationUnitTest {
    @TempDir
    Path out;

    @Test
    void givenWhatARunLeavesThenItIsBegunResumedOrLeftAlone() throws IOException {
        AblationPlan plan = plan();
        AblationUnit unit = plan.units().get(0);
        assertThat(unit.state()).isEqualTo(State.NEW);
        assertThat(plan.arguments(unit, false))
                .containsSubsequence("train", "--clean", "--set", "seed=7", "--set", "merger.consolidate.steps=0")
                .endsWith("--set", "reward.adv_estimator=gba");

        Files.createDirectories(unit.directory());
        assertThat(unit.state()).as("killed before it began").isEqualTo(State.NEW);

        Files.writeString(
                unit.directory().resolve("config.yaml"), unit.settings().yaml());
        assertThat(unit.state()).isEqualTo(State.BEGUN);
        assertThat(plan.arguments(unit, true)).contains("--resume").doesNotContain("--clean");

        Files.writeString(unit.directory().resolve("timings.json"), "{}");
        assertThat(unit.state()).isEqualTo(State.DONE);
        assertThat(plan.done()).containsExactly(unit);
    }

    @Test
    void givenOtherSettingsThanItWasBegunWithThenTheFirstIsNamed() throws IOException {
        AblationUnit unit = plan().units().get(0);
        Files.createDirectories(unit.directory());
        Files.writeString(
                unit.directory().resolve("config.yaml"),
                unit.settings().yaml().replace("learning_rate: 0.0008", "learning_rate: 0.5"));

        assertThatThrownBy(unit::state)
                .isInstanceOf(UsageException.class)
                .hasMessage("--out: " + unit.directory()
                        + " was begun with another rl.learning_rate: 0.5, now 0.0008; choose another --out, or delete"
                        + " that directory");
    }

    @Test
    void givenListsThatDifferThenTheirKeyIsNamed() {
        assertThat(SettingDifference.first(
                        "a: 1\nb:\n  list:\n    - x\n    - y\n  c: 2\n",
                        "a: 1\nb:\n  list:\n    - x\n    - z\n  c: 3\n"))
                .contains(new SettingDifference("b.list", "x, y", "x, z"));
        assertThat(SettingDifference.first("a: 1\n", "a: 1\n")).isEmpty();
        assertThat(SettingDifference.first("a: 1\n", "a: 1\nb: 2\n")).contains(new SettingDifference("b", "none", "2"));
    }

    private AblationPlan plan() {
        List<AblationRow> rows = AblationRows.choose(List.of(), List.of(), List.of("gba"));
        return AblationPlan.of(out, rows, List.of(7L), new ConfigOptions(Map.of()), null);
    }
}
