package ai.consilium.reward;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.platform.config.ConfigLoader;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.reward.rubric.Rubric;
import ai.consilium.reward.rubric.RubricFile;
import ai.consilium.schemas.ScorerRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/REWARDS.md tells a newcomer to write is what the configuration takes. */
class GuideTest {
    private static final Pattern YAML_BLOCK = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL);

    private record Root(RewardConfig reward) {}

    @Test
    void givenTheExamplesOfTheGuideWhenReadThenTheyMakeAScoringDefinition(@TempDir Path folder) throws IOException {
        // given the rubric, the configuration that names it, a rubric over sentences, one of a table, the items that
        // add services to the list, a rubric for a judge, and its item
        List<String> blocks = YAML_BLOCK
                .matcher(Files.readString(Path.of("..", "docs", "REWARDS.md")))
                .results()
                .map(block -> block.group(1))
                .toList();
        Files.writeString(folder.resolve("sepsis.yaml"), blocks.get(0));
        Path config = Files.writeString(
                folder.resolve("own.yaml"),
                blocks.get(1) + blocks.get(4) + blocks.get(5) + blocks.get(7) + blocks.get(8));
        Files.writeString(folder.resolve("sentences.yaml"), blocks.get(2));
        Files.writeString(folder.resolve("placement.yaml"), blocks.get(3));
        Files.writeString(folder.resolve("careful.yaml"), blocks.get(6));

        // when
        Root root = ConfigLoader.load(
                Root.class, List.of("ai/consilium/reward/reward.yaml"), List.of(config), Map.of(), List.of());
        ScoringDefinition plan = ScoringExamples.definition(root.reward(), folder);

        // then
        assertThat(RubricFile.read("reward.scorers.file", "sentences.yaml", folder)
                        .reads())
                .isEqualTo(Rubric.Reads.SENTENCES);
        assertThat(RubricFile.read("reward.scorers.file", "placement.yaml", folder)
                        .criteria())
                .hasSize(2);
        assertThat(plan.config().getScorers())
                .extracting(ScorerRef::getName)
                .containsExactly("accuracy", "format", "sepsis", "tone", "judge", "careful", "manner");
        assertThat(plan.config().getScorers())
                .filteredOn(ScorerRef::getShadow)
                .extracting(ScorerRef::getName)
                .containsExactly("sepsis", "careful");
        assertThat(plan.config().getScorers())
                .filteredOn(ScorerRef::getExternal)
                .extracting(ScorerRef::getName)
                .containsExactly("manner");
        assertThat(ScoringDefinition.of(plan.config()).hash()).isEqualTo(plan.hash());
    }
}
