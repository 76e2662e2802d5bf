package ai.consilium.reward.judge;

import static ai.consilium.reward.ScoringExamples.thinking;
import static ai.consilium.reward.judge.JudgeRig.ONE;
import static ai.consilium.reward.judge.JudgeRig.PNG;
import static ai.consilium.reward.judge.JudgeRig.blind;
import static ai.consilium.reward.judge.JudgeRig.lane;
import static ai.consilium.reward.judge.JudgeRig.reason;
import static ai.consilium.reward.judge.JudgeRig.shown;
import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.platform.chat.ChatCache;
import ai.consilium.reward.ScoringExamples;
import ai.consilium.reward.StubJudge;
import ai.consilium.reward.StubJudge.Reply;
import ai.consilium.reward.scorer.JudgeMemory;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is not asked again, and what may be spent. */
class JudgeMemoryTest {
    private final JudgeRig rig;

    JudgeMemoryTest(@TempDir Path folder) {
        this.rig = new JudgeRig(folder);
    }

    @Test
    void givenATryThatFailsHalfWayWhenTriedAgainThenOnlyWhatIsMissingIsAsked() throws Exception {
        AtomicInteger doses = new AtomicInteger();
        try (StubJudge judge = new StubJudge(
                (request, exchange) -> StubJudge.words(request).contains("gives a dose") && doses.getAndIncrement() == 0
                        ? Reply.error(503, "busy")
                        : Reply.met(true, "yes"))) {
            String criteria = ONE + ", {kind: judge, text: gives a dose, weight: 1}";

            Verdict verdict = lane(
                    rig.scorer(
                            judge.url(), criteria, rig.resources(new ChatCache(rig.folder.resolve("kept"), 1 << 20))),
                    ScoringExamples.submission(thinking("urea high"), "none"));

            assertThat(verdict).isInstanceOf(Verdict.Scored.class);
            assertThat(judge.requests()).hasSize(3);
        }
    }

    @Test
    void givenAnswersOfAnEarlierProcessWhenScoredAgainThenNothingIsAskedAndBudgetsAreNotTouched() throws Exception {
        rig.budget = new JudgeBudget(2L, null, null, null);
        Path image = Files.write(rig.folder.resolve("film.png"), PNG);
        String criteria = ONE + ", {kind: judge, text: gives a dose, weight: 1}";
        try (StubJudge judge = blind(false)) {
            Verdict first = lane(rig.scorer(judge.url(), criteria, rig.keeping()), shown(image));
            int asked = judge.requests().size();
            Verdict second = lane(rig.scorer(judge.url(), criteria, rig.keeping()), shown(image));

            assertThat(first).isInstanceOf(Verdict.Scored.class);
            assertThat(second).isEqualTo(first);
            assertThat(judge.requests()).hasSize(asked);

            Files.write(image, new byte[] {(byte) 0x89, 'P', 'N', 'G', 9});
            assertThat(reason(lane(
                            rig.scorer(
                                    judge.url(),
                                    ONE + ", {kind: judge, text: gives a dose, weight: 1},"
                                            + " {kind: judge, text: third, weight: 1}",
                                    rig.keeping()),
                            shown(image))))
                    .isEqualTo("the budget of 2 requests is spent");
            assertThat(judge.requests()).hasSize(asked + 2);
        }
    }

    @Test
    void givenADirectoryThatCannotBeWrittenWhenScoredThenTheAnswerCountsAllTheSame() throws Exception {
        Path file = Files.writeString(rig.folder.resolve("file"), "in the way");
        try (StubJudge judge = StubJudge.agreeing()) {
            assertThat(lane(
                            rig.scorer(judge.url(), ONE, rig.resources(new ChatCache(file.resolve("kept"), 1 << 20))),
                            ScoringExamples.submission(thinking("urea high"), "none")))
                    .isInstanceOf(Verdict.Scored.class);
        }
    }

    @Test
    void givenABudgetThatIsSpentWhenTheRunIsResumedThenItIsStillSpent() throws Exception {
        rig.budget = new JudgeBudget(null, 1200L, null, null);
        JudgeMemory memory = new JudgeMemory(null, rig.folder.resolve("spent"));
        ScoringRequest request = ScoringExamples.submission(thinking("urea high"), "none");
        try (StubJudge judge = StubJudge.agreeing()) {
            for (int start = 0; start < 2; start++) {
                assertThat(lane(rig.scorer(judge.url(), ONE, rig.resources(memory)), request))
                        .isInstanceOf(Verdict.Scored.class);
            }
            assertThat(reason(lane(rig.scorer(judge.url(), ONE, rig.resources(memory)), request)))
                    .isEqualTo("of the budget of 1200 tokens 240 are spent, and the next answer may take 1024");
            assertThat(judge.requests()).hasSize(2);
        }
    }

    @Test
    void givenABudgetInMoneyWhenItIsSpentThenTheRestIsUnscoredAndNothingIsSent() throws Exception {
        // an answer costs 100 + 20 · 2 = 140 millionths, and may cost 2048
        rig.budget = new JudgeBudget(null, null, 0.0022, new JudgeBudget.Price(1, 2));
        try (StubJudge judge = StubJudge.agreeing()) {
            JudgedScorer scorer = rig.scorer(judge.url(), ONE, rig.resources(JudgeMemory.NONE));
            for (int i = 0; i < 2; i++) {
                assertThat(lane(scorer, ScoringExamples.submission(thinking("urea " + i), "none")))
                        .isInstanceOf(Verdict.Scored.class);
            }
            assertThat(reason(lane(scorer, ScoringExamples.submission(thinking("urea 2"), "none"))))
                    .startsWith("of the budget of 0.0022, 0.0003 is spent");
            assertThat(judge.requests()).hasSize(2);
        }
    }
}
