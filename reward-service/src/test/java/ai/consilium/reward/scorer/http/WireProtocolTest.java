package ai.consilium.reward.scorer.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.reward.ScoringExamples;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WireProtocolTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ScoringRequest ONE =
            ScoringExamples.submission(ScoringExamples.thinking("film one"), "analytical");
    private static final ScoringRequest OTHER = new ScoringRequest("t-2", ONE.about(), "cut", "none", true);

    /** As {@code remote_rm} of slime/rollout/rm_hub asks (THUDM/slime at 624b824): these three, each a text. */
    @Test
    void givenSlimeWhenAskedThenPromptResponseAndLabelAreSent() throws IOException {
        JsonNode question = question("slime", null, ONE);

        assertThat(question.properties())
                .allSatisfy(field -> assertThat(field.getValue().isTextual()).isTrue())
                .extracting(java.util.Map.Entry::getKey)
                .containsExactlyInAnyOrder("prompt", "response", "label");
        assertThat(question.path("prompt").asText()).isEqualTo("""
                urea: 12
                where to treat ?
                A. home care
                B. ward
                C. intensive care
                D. no pneumonia
                """);
        assertThat(question.path("response").asText()).isEqualTo(ONE.completion());
        assertThat(question.path("label").asText()).isEqualTo("B");
    }

    @Test
    void givenOpenRlhfWhenAskedThenQueriesPromptsAndLabelsAreLists() throws IOException {
        JsonNode question = question("openrlhf", null, ONE, OTHER);

        assertThat(question.path("query")).hasSize(2);
        assertThat(question.at("/query/1").asText())
                .startsWith(question.at("/prompts/1").asText())
                .endsWith("cut");
        assertThat(question.path("labels").toString()).isEqualTo("[\"B\",\"B\"]");
    }

    @Test
    void givenNemoGymWhenAskedThenTheCompletionIsAnOpenAiResponse() throws IOException {
        JsonNode question = question("nemo-gym", null, OTHER);

        assertThat(question.at("/responses_create_params/input/0/content").asText())
                .contains("where to treat ?");
        assertThat(question.at("/response/output/0/content/0/text").asText()).isEqualTo("cut");
        assertThat(question.at("/response/output/0/status").asText()).isEqualTo("incomplete");
        assertThat(question.path("response").properties())
                .extracting(java.util.Map.Entry::getKey)
                .contains(
                        "id", "created_at", "model", "object", "output", "parallel_tool_calls", "tool_choice", "tools");
        assertThat(question.path("expected_answer").asText()).isEqualTo("B");
        // as nemo_gym's resources_servers/mcqa reads them: with a map it answers 422
        assertThat(question.path("options"))
                .hasSizeGreaterThan(1)
                .allSatisfy(option -> assertThat(option.size()).isEqualTo(1));
        assertThat(question.at("/options/1").has("B")).isTrue();
    }

    @Test
    void givenClassifyWhenAskedThenTheServerIsToldItsModelAndToApplyNoActivation() throws IOException {
        JsonNode question = question("classify", "judge", ONE, OTHER);

        assertThat(question.path("model").asText()).isEqualTo("judge");
        assertThat(question.path("input")).hasSize(2);
        assertThat(question.path("use_activation").asBoolean(true)).isFalse();
        assertThat(question("classify", null, ONE).has("model")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "slime    | 0.5                                  | 0.75",
                "slime    | {\"reward\": -1}                     | 0",
                "slime    | {\"score\": 1, \"detail\": {}}       | 1",
                "openrlhf | {\"rewards\": [0.5], \"scores\": [1], \"extra_logs\": {}} | 0.75",
                "openrlhf | {\"rewards\": [[-0.5]]}              | 0.25",
                "nemo-gym | {\"response\": {}, \"reward\": 0.0}  | 0.5",
                "classify | {\"data\": [{\"index\": 0, \"label\": \"x\", \"probs\": [9, -1], \"num_classes\": 2}]} | 0",
                "consilium| {\"score\": 0}                       | 0.5",
            })
    void givenAReplyOfTheProtocolWhenReadThenItsScoreIsMappedFromItsScale(String protocol, String reply, double score) {
        assertThat(verdicts(protocol, List.of(-1.0, 1.0), reply, ONE))
                .containsExactly(new Verdict.Scored(score, List.of()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "slime    | [0.5]              | reply is no number and has no number 'reward' or 'score'",
                "slime    | {\"rewards\": [1]} | reply is no number and has no number 'reward' or 'score' (protocol: openrlhf would take it)",
                "openrlhf | 0.7                | reply has no list 'rewards' (protocol: slime would take it)",
                "openrlhf | {\"rewards\": []}  | reply has 0 rewards for 1 queries",
                "openrlhf | {\"rewards\": [null]} | reply has a reward that is no number",
                "nemo-gym | {\"score\": 1}     | reply has no number 'reward' (protocol: consilium or slime would take it)",
                "nemo-gym | {\"reward\": 1, \"mask_sample\": true, \"failure_reason\": \"judge down\"} | masked: judge down",
                "classify | {\"data\": []}     | reply has 0 entries for 1 inputs",
                "classify | {\"data\": [{\"probs\": []}]} | reply has an entry without numbers 'probs'",
                "classify | {\"data\": [{\"index\": 1, \"probs\": [1]}]} | reply has index 1 twice, or none of that index was asked",
                "slime    | 1.5                | score 1.5 is not in [0, 1]",
            })
    void givenAReplyOfAnotherKindWhenReadThenItIsUnscoredAndTheProtocolThatTakesItIsNamed(
            String protocol, String reply, String reason) {
        assertThat(verdicts(protocol, null, reply, ONE)).containsExactly(new Verdict.Unscored(reason));
    }

    @Test
    void givenSeveralWhenAnsweredInAnotherOrderThenEachHasItsOwnScore() {
        String reply = "{\"data\": [{\"index\": 1, \"probs\": [0.25]}, {\"index\": 0, \"probs\": [1]}]}";

        assertThat(verdicts("classify", null, reply, ONE, OTHER))
                .containsExactly(new Verdict.Scored(1, List.of()), new Verdict.Scored(0.25, List.of()));
    }

    @Test
    void givenComponentsOfARewardWhenReadThenTheyAreItsEvidence() {
        String reply = "{\"reward\": 1, \"reward_components\": {\"tone\": 0.5}}";

        assertThat(verdicts("nemo-gym", null, reply, ONE)).containsExactly(new Verdict.Scored(1, List.of("tone 0.5")));
    }

    @Test
    void givenKeysThatAreNotOfTheProtocolThenTheyAreRefusedByName() {
        assertThatThrownBy(() -> keys("kserve", null, null, null))
                .hasMessage("protocol: 'kserve' is not one of consilium, slime, openrlhf, nemo-gym, classify");
        assertThatThrownBy(() -> keys("slime", null, 8, null))
                .hasMessage("batch: protocol slime asks about one at a time");
        assertThatThrownBy(() -> keys("slime", null, null, "judge")).hasMessage("model: protocol slime names none");
        assertThatThrownBy(() -> keys("slime", List.of(1.0), null, null))
                .hasMessageStartingWith("scale: must be [lowest,");
        assertThatThrownBy(() -> keys("slime", List.of(1.0, 1.0), null, null)).hasMessageStartingWith("scale: ");
        assertThat(keys("classify", List.of(-1.0, 1.0), 32, "judge").batch()).isEqualTo(32);
    }

    @Test
    void givenOurOwnProtocolByNameThenTheScorerIsTheSameAsWithoutIt() {
        assertThat(check("consilium", null)).isEqualTo(check(null, null));
    }

    private static HttpType.HttpKeys keys(
            String protocol, @Nullable List<Double> scale, @Nullable Integer batch, @Nullable String model) {
        return new HttpType.HttpKeys(
                "http://127.0.0.1:9/", null, null, null, null, protocol, scale, batch, model, null, null);
    }

    private static HttpCheck check(@Nullable String protocol, @Nullable List<Double> scale) {
        return new HttpCheck(
                "http://127.0.0.1:9/", 1000, 0, 1, 4096, new TreeMap<>(), protocol, scale, null, null, null, null);
    }

    private static JsonNode question(String protocol, @Nullable String model, ScoringRequest... asked)
            throws IOException {
        return JSON.readTree(ReplyReader.json(check(protocol, null).wire().question(List.of(asked), model)));
    }

    private static List<Verdict> verdicts(
            String protocol, @Nullable List<Double> scale, String reply, ScoringRequest... asked) {
        HttpCheck check = check(protocol, scale);
        return new ReplyReader(check.wire(), check.range())
                .verdicts(reply.getBytes(StandardCharsets.UTF_8), List.of(asked), text -> text);
    }
}
