package ai.consilium.reward.judge;

import static ai.consilium.reward.ScoringExamples.thinking;
import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.platform.AddressGuard;
import ai.consilium.platform.RemoteHttp;
import ai.consilium.platform.chat.ChatCache;
import ai.consilium.reward.ScoringExamples;
import ai.consilium.reward.StubJudge;
import ai.consilium.reward.StubJudge.Reply;
import ai.consilium.reward.lane.ScorerLanes;
import ai.consilium.reward.rubric.RubricFile;
import ai.consilium.reward.scorer.JudgeMemory;
import ai.consilium.reward.scorer.PictureReader;
import ai.consilium.reward.scorer.ScorerSecrets;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A rubric with a judge, as a test wants both. */
final class JudgeRig {
    static final String ONE = "{kind: judge, text: names the urea, weight: 1}";
    static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', 1, 2, 3};

    final Path folder;
    JudgeImages images = JudgeImages.AUTO;

    @Nullable
    Boolean structured;

    @Nullable
    JudgeBudget budget;

    @Nullable
    String apiKeyEnv;

    Duration timeout = Duration.ofMinutes(1);
    Map<String, String> environment = Map.of();

    JudgeRig(Path folder) {
        this.folder = folder;
    }

    static StubJudge saying(String message) throws IOException {
        return new StubJudge((request, exchange) -> Reply.saying(message));
    }

    /** One that sees no images, as llama.cpp says so. @param wordsOnly knows no schema either */
    static StubJudge blind(boolean wordsOnly) throws IOException {
        return new StubJudge((request, exchange) -> {
            if (wordsOnly && StubJudge.structured(request)) {
                return Reply.error(400, "unknown field response_format");
            }
            boolean image = !request.at("/messages/0/content").isTextual();
            return image && wordsOnly
                    ? Reply.error(500, "image input is not supported - hint: you may need to provide the mmproj")
                    : Reply.met(true, "yes");
        });
    }

    static ScoringRequest shown(Path image) {
        ScoringRequest plain = ScoringExamples.submission(thinking("urea high"), "none");
        return new ScoringRequest(
                plain.id(), plain.about(), plain.completion(), plain.perspective(), false, 0, () -> List.of(image));
    }

    ScorerType.Resources keeping() {
        return resources(new ChatCache(folder.resolve("kept"), 1 << 20));
    }

    ScorerType.Resources resources(@Nullable ChatCache answers) {
        return resources(new JudgeMemory(answers, null));
    }

    ScorerType.Resources resources(JudgeMemory memory) {
        return new ScorerType.Resources(
                RemoteHttp.client(),
                new ScorerSecrets(environment::get),
                new AddressGuard(List.of()),
                memory,
                PictureReader.AS_THEY_ARE,
                timeout);
    }

    JudgeSettings settings(String url) {
        return new JudgeSettings(
                url,
                "stub",
                apiKeyEnv,
                JudgePrompt.SHIPPED_CRITERION,
                1024,
                0,
                1,
                images,
                structured,
                null,
                timeout.toMillis(),
                1,
                5,
                null,
                8.0,
                budget);
    }

    JudgedScorer scorer(String url, String criteria, ScorerType.Resources resources) throws IOException {
        Files.writeString(folder.resolve("own.yaml"), "name: own\ncriteria: [" + criteria + "]\n");
        JudgeSettings judge = settings(url);
        return new JudgedScorer(
                new ScorerType.Identity("judged", null, "v"),
                RubricFile.readWithJudged("reward.scorers.file", "own.yaml", folder),
                null,
                judge,
                resources);
    }

    Verdict score(StubJudge judge, String criteria) throws IOException {
        return lane(
                scorer(judge.url(), criteria, resources(JudgeMemory.NONE)),
                ScoringExamples.submission(thinking("urea high"), "none"));
    }

    static Verdict lane(JudgedScorer scorer, ScoringRequest request) {
        try (ScorerLanes lanes = ScoringExamples.lanes()) {
            return lanes.of(scorer).ask(request, true).join().verdict();
        }
    }

    static String reason(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Unscored.class);
        return ((Verdict.Unscored) verdict).reason();
    }
}
