package ai.consilium.reward.plan;

import static ai.consilium.reward.ScoringExamples.check;
import static ai.consilium.reward.ScoringExamples.config;
import static ai.consilium.reward.ScoringExamples.remote;
import static ai.consilium.reward.ScoringExamples.rubric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ai.consilium.reward.config.RewardConfig.ScorerConfig;
import ai.consilium.schemas.Component;
import ai.consilium.schemas.ScorerRef;
import ai.consilium.schemas.ScoringConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoringDefinitionTest {
    private final Path folder;

    ScoringDefinitionTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void recordHoldsEverythingThatTheScorersNeed() {
        // given
        ScoringDefinition plan = ScoringDefinition.of(
                config(
                        check("accuracy"),
                        check("format"),
                        rubric("bayesian", "shipped:bayesian"),
                        remote("https://scorer.example/score", Map.of("Authorization", "SCORER_TOKEN"))),
                folder);

        // when
        ScoringDefinition again = ScoringDefinition.of(plan.config());

        // then
        assertThat(again.scorers()).isEqualTo(plan.scorers());
        assertThat(again.config()).isEqualTo(plan.config());
        assertThat(plan.config().getScorers())
                .extracting(ScorerRef::getName, ScorerRef::getComponent, ScorerRef::getPerspective)
                .containsExactly(
                        tuple("accuracy", Component.ACCURACY, null),
                        tuple("format", Component.FORMAT, null),
                        tuple("bayesian", Component.GUIDELINE, "bayesian"),
                        tuple("remote", Component.GUIDELINE, null));
        assertThat(plan.config().getParameters())
                .containsExactlyInAnyOrderEntriesOf(Map.of("w_a", 1.0, "w_f", 0.2, "lambda", 0.5, "gamma", 0.5));
    }

    @Test
    void hashOfAConfigurationIsThatOfVersion01() {
        ScoringConfig config = ScoringDefinition.of(config(check("accuracy"), check("format")), folder)
                .config();

        assertThat(config.getBody()).contains("\"w_a\":1.0");
        assertThat(config.getHash()).isEqualTo("ce0ff1f69f593574446bcf8bd3c2304e7dd66c378497e1ccfe7f7e4a7701f678");
    }

    @Test
    void changedCriterionChangesVersionAndHash() throws IOException {
        Path file = folder.resolve("own.yaml");
        String rubric = "name: own\ncriteria:\n  - {kind: max_words, limit: 20, weight: 1}\n";
        Files.writeString(file, rubric);
        ScoringConfig before =
                ScoringDefinition.of(config(rubric("own", "own.yaml")), folder).config();

        Files.writeString(file, rubric.replace("20", "21"));
        ScoringConfig after =
                ScoringDefinition.of(config(rubric("own", "own.yaml")), folder).config();
        Files.writeString(file, "# a remark\n" + rubric);
        ScoringConfig remarked =
                ScoringDefinition.of(config(rubric("own", "own.yaml")), folder).config();

        assertThat(after.getHash()).isNotEqualTo(before.getHash());
        assertThat(version(after)).isNotEqualTo(version(before));
        assertThat(remarked).isEqualTo(before);
    }

    @Test
    void becomingRequiredChangesTheHashButNotTheScorersVersion() {
        ScorerConfig shadow =
                new ScorerConfig("i", "rubric", null, "shipped:intuitive", null, null, null, null, false, true);
        ScorerConfig real =
                new ScorerConfig("i", "rubric", null, "shipped:intuitive", null, null, null, null, true, false);

        ScoringConfig before = ScoringDefinition.of(config(shadow), folder).config();
        ScoringConfig after = ScoringDefinition.of(config(real), folder).config();

        assertThat(after.getHash()).isNotEqualTo(before.getHash());
        assertThat(version(after)).isEqualTo(version(before));
    }

    @Test
    void recordWhoseBodyWasChangedIsRefused() {
        ScoringConfig plan =
                ScoringDefinition.of(config(check("accuracy")), folder).config();
        ScoringConfig forged = new ScoringConfig(
                plan.getHash(),
                plan.getEstimator(),
                plan.getParameters(),
                plan.getScorers(),
                plan.getBody().replace("gba", "grpo"));

        assertThatThrownBy(() -> ScoringDefinition.of(forged)).hasMessageContaining("holds a body whose hash is");
    }

    @Test
    void recordCannotAskForOtherVariablesOfTheEnvironment() {
        String body = ScoringDefinition.of(config(remote("https://scorer.example/", Map.of("X", "SCORER_KEY"))), folder)
                .config()
                .getBody()
                .replace("SCORER_KEY", "AWS_SECRET");
        ScoringConfig forged = new ScoringConfig(DigestUtils.sha256Hex(body), "gba", Map.of(), List.of(), body);

        assertThatThrownBy(() -> ScoringDefinition.of(forged)).hasMessageContaining("SCORER_");
    }

    private static String version(ScoringConfig config) {
        return config.getScorers().get(0).getVersion();
    }
}
