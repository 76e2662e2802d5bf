package ai.consilium.reward.judge;

import static ai.consilium.reward.ScoringExamples.config;
import static ai.consilium.reward.ScoringExamples.definition;
import static ai.consilium.reward.ScoringExamples.judge;
import static ai.consilium.reward.ScoringExamples.judged;
import static ai.consilium.reward.ScoringExamples.rubric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.config.ConfigLoader;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.schemas.ScoringConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be configured of a judge, what is refused, and what of it goes to the log. */
class JudgeConfigTest {
    private record Root(RewardConfig reward) {}

    private final Path folder;

    JudgeConfigTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeEach
    void write() throws IOException {
        Files.writeString(folder.resolve("brief.yaml"), "- {weight: 2, requirement: Is brief}\n");
        Files.writeString(folder.resolve("ask.txt"), "{question}? {completion} Is it so: {criterion}");
    }

    private ScoringDefinition read(String scorer) throws IOException {
        Path file = Files.writeString(folder.resolve("own.yaml"), "reward:\n  scorers:\n    - " + scorer + "\n");
        Root root = ConfigLoader.load(
                Root.class, List.of("ai/consilium/reward/reward.yaml"), List.of(file), Map.of(), List.of());
        return definition(root.reward(), folder);
    }

    @Test
    void givenEveryKeyWhenReadThenTheScoringConfigurationHoldsItAllAndIsRebuiltFromTheLog() throws IOException {
        ScoringDefinition plan = read("""
                {name: brief, type: rubric, file: brief.yaml, required: true, judge: {url: "https://judge.example/v1",
                      model: large, api_key_env: SCORER_JUDGE_KEY, prompt: ask.txt, reply_tokens: 200, temperature: 0.2, seed: 7,
                      images: never, structured: false, extra: '{"top_p": 0.9}', timeout: 20s, retries: 3, concurrency: 16,
                      per_second: 2.5, budget: {max_requests: 10, max_tokens: 1000, max_cost: 2.5,
                      price: {prompt: 0.15, completion: 0.6}}}}""");

        assertThat(plan.config().getBody())
                .contains(
                        "\"api_key_env\":\"SCORER_JUDGE_KEY\"",
                        "\"extra\":\"{\\\"top_p\\\": 0.9}\"",
                        "\"images\":\"NEVER\"",
                        "\"max_cost\":2.5",
                        "\"per_second\":2.5",
                        "\"prompt\":\"{question}? {completion} Is it so: {criterion}\"",
                        "\"timeout_ms\":20000",
                        "Is brief");
        ScoringDefinition again = ScoringDefinition.of(plan.config());
        assertThat(again.scorers()).isEqualTo(plan.scorers());
        assertThat(again.hash()).isEqualTo(plan.hash());
    }

    @Test
    void givenARubricWithoutAJudgeThenItsRecordIsAsBefore() {
        assertThat(definition(config(rubric("intuitive", "shipped:intuitive")), folder)
                        .config()
                        .getBody())
                .doesNotContain("judge");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "file: brief.yaml                                     | is for a judge: the scorer needs judge: {url: ..., model: ...}",
                "file: 'shipped:intuitive', judge: {U, model: m}      | shipped:intuitive has no criterion for a judge",
                "file: brief.yaml, judge: {U, modle: m}               | did you mean",
                "file: brief.yaml, judge: {U, model: ' '}             | model: what the server calls it is needed",
                "file: brief.yaml, judge: {url: 'ftp://x', model: m}  | url: must be http://HOST/...",
                "file: brief.yaml, judge: {url: 'http://a:b@h/v1', model: m} | url: must not contain credentials; use api_key_env",
                "file: brief.yaml, judge: {url: 'http://169.254.1.1/v1', model: m} | reward.http.allow_hosts",
                "file: brief.yaml, judge: {U, model: m, api_key_env: HOME} | api_key_env: must name a variable SCORER_...",
                "file: brief.yaml, judge: {U, model: m, prompt: absent.txt} | no such prompt file",
                "file: brief.yaml, judge: {U, model: m, prompt: 'shipped:x'} | the prompts included are [criterion]",
                "file: brief.yaml, judge: {U, model: m, prompt: brief.yaml} | prompt: {completion} is missing",
                "file: brief.yaml, judge: {U, model: m, prompt: odd.txt} | prompt: {wish} is none of",
                "file: brief.yaml, judge: {U, model: m, images: maybe} | expected",
                "file: brief.yaml, judge: {U, model: m, temperature: 3} | temperature: must be 0 to 2",
                "file: brief.yaml, judge: {U, model: m, reply_tokens: 0} | reply_tokens: must be 1 to 1000000",
                "file: brief.yaml, judge: {U, model: m, extra: '[1]'} | extra: must be a JSON object",
                "file: brief.yaml, judge: {U, model: m, budget: {max_cost: 1}} | max_cost",
                "file: brief.yaml, judge: {U, model: m, budget: {max_tokens: 0}} | max_tokens",
            })
    void givenWhatCannotBeMeantWhenReadThenItIsRefusedByName(String keys, String problem) throws IOException {
        Files.writeString(folder.resolve("odd.txt"), "{completion} {criterion} {wish}");
        String written = keys.replace("{U,", "{url: 'http://127.0.0.1:8000/v1',");

        assertThatThrownBy(() -> read("{name: own, type: rubric, " + written + "}"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(problem.replaceFirst("^(\\w+): ", "").strip());
    }

    @Test
    void givenARecordThatAsksForOtherVariablesWhenReadThenItIsRefused() {
        JudgeKeys keys = judge("https://judge.example/v1", "m", "SCORER_KEY", null, null);
        String body = definition(config(judged("own", "brief.yaml", keys)), folder)
                .config()
                .getBody()
                .replace("SCORER_KEY", "AWS_SECRET");
        ScoringConfig forged = new ScoringConfig(DigestUtils.sha256Hex(body), "gba", Map.of(), List.of(), body);

        assertThatThrownBy(() -> ScoringDefinition.of(forged)).hasMessageContaining("SCORER_");
    }

    @Test
    void givenTheProtocolOfAJudgeWhenConfiguredThenTheAdviceNamesTheRubric() {
        assertThatThrownBy(() -> read("{name: own, type: http, url: 'http://h/v1', protocol: openai-judge}"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("by a scorer of type rubric, with judge: {url: ..., model: ...}");
    }
}
