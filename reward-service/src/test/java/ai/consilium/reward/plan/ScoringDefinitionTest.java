package ai.consilium.reward.plan;

import static ai.consilium.reward.ScoringExamples.check;
import static ai.consilium.reward.ScoringExamples.config;
import static ai.consilium.reward.ScoringExamples.definition;
import static ai.consilium.reward.ScoringExamples.remote;
import static ai.consilium.reward.ScoringExamples.resources;
import static ai.consilium.reward.ScoringExamples.rubric;
import static ai.consilium.reward.ScoringExamples.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.grading.Grading;
import ai.consilium.platform.config.ConfigLoader;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.config.RewardConfig.ScorerConfig;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.reward.scorer.builtin.RubricType;
import ai.consilium.reward.scorer.http.HttpType;
import ai.consilium.schemas.Component;
import ai.consilium.schemas.ScorerRef;
import ai.consilium.schemas.ScoringConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
    void givenADefinitionWhenRecordedThenTheRecordHoldsEverythingThatTheScorersNeed() {
        // given
        ScoringDefinition plan = definition(
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
    void givenARubricOverSentencesWhenRecordedThenItsTermsAreThereAgain() {
        ScoringDefinition plan =
                definition(config(check("accuracy"), rubric("analytical", "shipped:clinical/analytical")), folder);

        ScoringDefinition again = ScoringDefinition.of(plan.config());

        assertThat(again.scorers()).isEqualTo(plan.scorers());
        assertThat(plan.config().getBody()).contains("\"terms\":{", "\"breathing\":[\"respiratory rate\"");
    }

    @Test
    void givenAConfigurationThenItsHashIsThatOfVersion01() {
        ScoringConfig config =
                definition(config(check("accuracy"), check("format")), folder).config();

        assertThat(config.getBody()).contains("\"w_a\":1.0");
        assertThat(config.getHash()).isEqualTo("ce0ff1f69f593574446bcf8bd3c2304e7dd66c378497e1ccfe7f7e4a7701f678");
    }

    @Test
    void givenAnotherWayOfReadingAnswersThenHashAndVersionChangeAndItIsKept() throws Exception {
        RewardConfig config = config(check("accuracy"), check("format"));
        EndTokens ends = new EndTokens(List.of("<|im_end|>", "</s>"));
        ScoringConfig strict = definition(config, folder).config();
        ScoringConfig lenient = ScoringDefinition.of(config, folder, Grading.Mode.LENIENT, EndTokens.TURN_END)
                .config();
        ScoringConfig ended =
                ScoringDefinition.of(config, folder, Grading.Mode.LENIENT, ends).config();

        assertThat(List.of(strict.getHash(), lenient.getHash(), ended.getHash()))
                .doesNotHaveDuplicates();
        assertThat(List.of(version(strict), version(lenient), version(ended))).doesNotHaveDuplicates();
        String said = "<think>x</think><answer>(B)</answer>";
        assertThat(scores(strict, said + "<|im_end|>")).containsExactly(0.0, 1.0);
        assertThat(scores(lenient, said + "<|im_end|>")).containsExactly(1.0, 1.0);
        assertThat(scores(lenient, said + "</s>")).containsExactly(0.0, 0.0);
        assertThat(scores(ended, said + "</s>")).containsExactly(1.0, 1.0);
        assertThat(scores(ended, said)).containsExactly(0.0, 0.0);
    }

    private static List<Double> scores(ScoringConfig config, String completion) throws Exception {
        List<Double> scores = new ArrayList<>();
        for (ScorerDefinition scorer : ScoringDefinition.of(config).scorers()) {
            Scorer made = scorer.how().scorer(new ScorerType.Identity(scorer.name(), null, "v"), resources());
            scores.add(((Verdict.Scored) made.score(submission(completion, "none"))).value());
        }
        return scores;
    }

    @Test
    void givenAChangedCriterionThenVersionAndHashChange() throws IOException {
        Path file = folder.resolve("own.yaml");
        String rubric = "name: own\ncriteria:\n  - {kind: max_words, limit: 20, weight: 1}\n";
        Files.writeString(file, rubric);
        ScoringConfig before =
                definition(config(rubric("own", "own.yaml")), folder).config();

        Files.writeString(file, rubric.replace("20", "21"));
        ScoringConfig after =
                definition(config(rubric("own", "own.yaml")), folder).config();
        Files.writeString(file, "# a remark\n" + rubric);
        ScoringConfig remarked =
                definition(config(rubric("own", "own.yaml")), folder).config();

        assertThat(after.getHash()).isNotEqualTo(before.getHash());
        assertThat(version(after)).isNotEqualTo(version(before));
        assertThat(remarked).isEqualTo(before);
    }

    @Test
    void givenAScorerThatBecomesRequiredThenTheHashChangesButNotItsVersion() {
        RubricType.RubricKeys intuitive = new RubricType.RubricKeys("shipped:intuitive", null);
        ScorerConfig shadow = new ScorerConfig("i", "rubric", false, true, intuitive);
        ScorerConfig real = new ScorerConfig("i", "rubric", true, false, intuitive);

        ScoringConfig before = definition(config(shadow), folder).config();
        ScoringConfig after = definition(config(real), folder).config();

        assertThat(after.getHash()).isNotEqualTo(before.getHash());
        assertThat(version(after)).isEqualTo(version(before));
    }

    @Test
    void givenARecordWhoseBodyWasChangedWhenReadThenItIsRefused() {
        ScoringConfig plan = definition(config(check("accuracy")), folder).config();
        ScoringConfig forged = new ScoringConfig(
                plan.getHash(),
                plan.getEstimator(),
                plan.getParameters(),
                plan.getScorers(),
                plan.getBody().replace("gba", "grpo"));

        assertThatThrownBy(() -> ScoringDefinition.of(forged)).hasMessageContaining("holds a body whose hash is");
    }

    @Test
    void givenARecordThatAsksForOtherVariablesOfTheEnvironmentWhenReadThenItIsRefused() {
        String body = definition(config(remote("https://scorer.example/", Map.of("X", "SCORER_KEY"))), folder)
                .config()
                .getBody()
                .replace("SCORER_KEY", "AWS_SECRET");
        ScoringConfig forged = new ScoringConfig(DigestUtils.sha256Hex(body), "gba", Map.of(), List.of(), body);

        assertThatThrownBy(() -> ScoringDefinition.of(forged)).hasMessageContaining("SCORER_");
    }

    /** Prompts and scores of older logs name these. */
    @Test
    void givenHashesThatVersion01RecordedThenTheyStay() throws IOException {
        Files.writeString(
                folder.resolve("own.yaml"), "name: own\ncriteria:\n  - {kind: max_words, limit: 20, weight: 1}\n");
        HttpType.HttpKeys analytical = new HttpType.HttpKeys(
                "https://scorer.example/score",
                "analytical",
                Duration.ofMillis(500),
                1,
                Map.of("Authorization", "SCORER_TOKEN", "X-B", "SCORER_B"));
        HttpType.HttpKeys plain = new HttpType.HttpKeys("http://scorer.example/", null, null, null, null);

        ScoringConfig config = definition(
                        config(
                                check("accuracy"),
                                check("format"),
                                rubric("bayesian", "shipped:bayesian"),
                                new ScorerConfig(
                                        "own", "rubric", true, false, new RubricType.RubricKeys("own.yaml", "none")),
                                new ScorerConfig("remote", "http", false, true, analytical),
                                new ScorerConfig("plain", "http", null, null, plain)),
                        folder)
                .config();

        assertThat(config.getHash()).isEqualTo("1ce2a0b311a1f547311eca94bc77a34cd1aa053b4224bf62975d6139ce63fbdc");
        assertThat(config.getScorers())
                .extracting(ScorerRef::getName, ScorerRef::getVersion)
                .containsExactly(
                        tuple("accuracy", "6a2eb77802637de1b66155e33fc4aced03d850dae554e82d48b8d69678ca82f6"),
                        tuple("format", "6a2eb77802637de1b66155e33fc4aced03d850dae554e82d48b8d69678ca82f6"),
                        tuple("bayesian", "9ad59127b86028acc6ad7f3debde7afb12716e9b40bfa02021f54f47b44c1b7e"),
                        tuple("own", "8f950790d186743e52ea07c21302a1d4e4de612eb163ac714b378253a4451e2c"),
                        tuple("remote", "9a2ab564868c49cad0fcc7900add7433c38d950bba2ad8c11e71b5ee37d8c4a4"),
                        tuple("plain", "c9197e9ebe8456091700cb847651e35ddcd820be3bbc4008af76065cc23d4308"));
    }

    @Test
    void givenATypeOfSomebodyElseThenItIsOneClassAndItsLine() throws Exception {
        // given a type that stands in this module's test resources only
        RewardConfig reward = ConfigLoader.load(
                        Root.class,
                        List.of("ai/consilium/reward/reward.yaml"),
                        List.of(),
                        Map.of(),
                        List.of("reward.scorers=[{name: brief, type: brevity, most_words: 3, required: true}]"))
                .reward();

        // when its definition has been to the log and back
        ScoringDefinition plan = ScoringDefinition.of(definition(reward, folder).config());

        // then
        Scorer brief = plan.scorers().get(0).how().scorer(new ScorerType.Identity("brief", null, "v"), resources());
        assertThat(brief.score(submission("one two three", "none"))).isEqualTo(new Verdict.Scored(1, List.of()));
        assertThat(brief.score(submission("one two three four", "none"))).isEqualTo(new Verdict.Scored(0, List.of()));
    }

    private record Root(RewardConfig reward) {}

    private static String version(ScoringConfig config) {
        return config.getScorers().get(0).getVersion();
    }
}
