package ai.consilium.reward.judge;

import static ai.consilium.reward.ScoringExamples.thinking;
import static ai.consilium.reward.judge.JudgeRig.ONE;
import static ai.consilium.reward.judge.JudgeRig.PNG;
import static ai.consilium.reward.judge.JudgeRig.blind;
import static ai.consilium.reward.judge.JudgeRig.lane;
import static ai.consilium.reward.judge.JudgeRig.reason;
import static ai.consilium.reward.judge.JudgeRig.shown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.reward.ScoringExamples;
import ai.consilium.reward.StubJudge;
import ai.consilium.reward.StubJudge.Reply;
import ai.consilium.reward.scorer.JudgeMemory;
import ai.consilium.reward.scorer.Verdict;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How servers are asked, with what they take, and how they fail. */
class JudgeServerTest {
    private final JudgeRig rig;

    JudgeServerTest(@TempDir Path folder) {
        this.rig = new JudgeRig(folder);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "429 | slow down  | status 429: slow down (2 tries) | 2",
                "500 | broken     | status 500: broken (2 tries)    | 2",
                "401 | who is it? | status 401: who is it?          | 1",
                "404 | no model   | status 404: no model            | 1",
                "302 | elsewhere  | it points elsewhere             | 1",
                // once more without the schema
                "400 | too long   | status 400: too long            | 2",
            })
    void givenAnErrorWhenScoredThenItIsUnscoredWithItsReason(int status, String message, String reason, int requests)
            throws Exception {
        try (StubJudge judge = new StubJudge((request, exchange) -> Reply.error(status, message))) {
            assertThat(reason(rig.score(judge, ONE))).contains(reason);
            assertThat(judge.requests()).hasSize(requests);
        }
    }

    @Test
    void givenAJudgeThatHangsWhenScoredThenItIsUnscored() throws Exception {
        rig.timeout = Duration.ofMillis(300);
        AtomicReference<StubJudge> itself = new AtomicReference<>();
        try (StubJudge judge = new StubJudge(
                (request, exchange) -> Objects.requireNonNull(itself.get()).hang())) {
            itself.set(judge);
            assertThat(reason(rig.score(judge, ONE))).contains("no reply within", "(2 tries)");
        }
    }

    @Test
    void givenImagesWhenTheJudgeSeesThenTheyAreSentBeforeTheWords() throws Exception {
        Path image = Files.write(rig.folder.resolve("film.png"), PNG);
        try (StubJudge judge = StubJudge.agreeing()) {
            lane(rig.scorer(judge.url(), ONE, rig.resources(JudgeMemory.NONE)), shown(image));

            JsonNode content = judge.requests().get(0).at("/messages/0/content");
            assertThat(content.at("/0/image_url/url").asText()).startsWith("data:image/png;base64,iVBORw");
            assertThat(content.at("/1/type").asText()).isEqualTo("text");

            rig.images = JudgeImages.NEVER;
            lane(rig.scorer(judge.url(), ONE, rig.resources(JudgeMemory.NONE)), shown(image));
            assertThat(judge.requests().get(1).at("/messages/0/content").isTextual())
                    .isTrue();
        }
    }

    /** As the Python server of llama.cpp has it. */
    @Test
    void givenRefusalsWithStatus500WhenTheyNameTheirReasonThenTheyAreUnderstood() throws Exception {
        Path image = Files.write(rig.folder.resolve("film.png"), PNG);
        try (StubJudge judge = new StubJudge((request, exchange) -> {
            if (StubJudge.structured(request)) {
                return Reply.error(500, "1 validation error: ('body', 'response_format', 'type')");
            }
            return request.at("/messages/0/content").isTextual()
                    ? Reply.met(true, "yes")
                    : Reply.error(500, "can only concatenate str (not \"list\") to str");
        })) {
            assertThat(lane(rig.scorer(judge.url(), ONE, rig.resources(JudgeMemory.NONE)), shown(image)))
                    .isInstanceOf(Verdict.Scored.class);
            assertThat(judge.requests()).hasSize(3);
        }
    }

    @Test
    void givenAServerThatTakesNeitherImagesNorSchemasWhenAskedThenItIsLearntOnce() throws Exception {
        Path image = Files.write(rig.folder.resolve("film.png"), PNG);
        try (StubJudge judge = blind(true)) {
            JudgedScorer scorer = rig.scorer(judge.url(), ONE, rig.resources(JudgeMemory.NONE));

            assertThat(lane(scorer, shown(image))).isInstanceOf(Verdict.Scored.class);
            assertThat(judge.requests()).hasSize(3);
            assertThat(lane(scorer, shown(image))).isInstanceOf(Verdict.Scored.class);
            assertThat(judge.requests()).hasSize(4);

            rig.images = JudgeImages.ALWAYS;
            rig.structured = false;
            assertThat(reason(lane(rig.scorer(judge.url(), ONE, rig.resources(JudgeMemory.NONE)), shown(image))))
                    .contains("image input is not supported");
        }
    }

    @Test
    void givenAnImageThatCannotBeReadWhenScoredThenItIsUnscoredAndNothingIsSent() throws Exception {
        Path text = Files.writeString(rig.folder.resolve("film.png"), "not a film");
        try (StubJudge judge = StubJudge.agreeing()) {
            JudgedScorer scorer = rig.scorer(judge.url(), ONE, rig.resources(JudgeMemory.NONE));

            assertThat(reason(lane(scorer, shown(text)))).contains("cannot be shown", "is no PNG or JPEG image");
            assertThat(reason(lane(scorer, shown(rig.folder.resolve("gone.png")))))
                    .contains("is not there", "gone.png");
            assertThat(judge.requests()).isEmpty();
        }
    }

    @Test
    void givenAKeyWhenAskedThenItIsSentFromTheVariableOrItsFileAndWithoutOneNothingIs() throws Exception {
        rig.apiKeyEnv = "SCORER_JUDGE_KEY";
        AtomicReference<@Nullable String> sent = new AtomicReference<>();
        try (StubJudge judge = new StubJudge((request, exchange) -> {
            sent.set(exchange.getRequestHeaders().getFirst("Authorization"));
            return Reply.met(true, "told " + sent.get());
        })) {
            rig.environment = Map.of("SCORER_JUDGE_KEY", "sk-of-tests");
            assertThat(rig.score(judge, ONE))
                    .isEqualTo(new Verdict.Scored(1, List.of("names the urea: met: told Bearer ***")));
            assertThat(sent.get()).isEqualTo("Bearer sk-of-tests");

            Path file = Files.writeString(rig.folder.resolve("key"), "sk-of-a-file\n");
            rig.environment = Map.of("SCORER_JUDGE_KEY_FILE", file.toString());
            rig.score(judge, ONE);
            assertThat(sent.get()).isEqualTo("Bearer sk-of-a-file");

            for (Map<String, String> without : List.of(
                    Map.<String, String>of(),
                    Map.of("SCORER_JUDGE_KEY", "two words"),
                    Map.of("SCORER_JUDGE_KEY_FILE", rig.folder.resolve("absent").toString()))) {
                rig.environment = without;
                assertThat(reason(rig.score(judge, ONE)))
                        .startsWith("environment variable SCORER_JUDGE_KEY is not set to a key")
                        .doesNotContain("two words");
            }
            assertThat(judge.requests()).hasSize(2);
        }
    }

    @Test
    void givenAHostThatHandsOutCredentialsWhenAskedThenItIsRefused() throws Exception {
        JudgedScorer scorer = rig.scorer("http://169.254.169.254/v1", ONE, rig.resources(JudgeMemory.NONE));

        assertThat(reason(lane(scorer, ScoringExamples.submission(thinking("urea high"), "none"))))
                .contains("169.254.169.254", "reward.http.allow_hosts");
    }

    @Test
    void givenARateWhenSeveralRequestsMakeAScoreThenItIsOfRequests() throws Exception {
        JudgeSettings settings = rig.settings("http://127.0.0.1:1/v1");

        assertThat(settings.limits(4).perSecond()).isEqualTo(2, within(1e-12));
    }
}
