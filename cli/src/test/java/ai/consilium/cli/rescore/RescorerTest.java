package ai.consilium.cli.rescore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ai.consilium.cases.format.Case;
import ai.consilium.platform.AddressGuard;
import ai.consilium.reward.plan.ScorerDefinition;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Component;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Trajectory;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RescorerTest {
    private static final Case CASE = new Case(
            "c",
            "pediatrics",
            "film",
            List.of(),
            "what ?",
            new TreeMap<>(Map.of("A", "this", "B", "that")),
            "A",
            Map.of(),
            null,
            Map.of(),
            "hand-written");

    /** Gives a value, or breaks where it is negative. */
    record Fixed(double value, boolean remote) implements ScorerType.Definition {
        @Override
        public Component component() {
            return Component.GUIDELINE;
        }

        @Override
        public Scorer scorer(ScorerType.Identity identity, ScorerType.Resources resources) {
            return new Fixture(identity, value, remote);
        }
    }

    private record Fixture(ScorerType.Identity identity, double value, boolean remote) implements Scorer {
        @Override
        public Component component() {
            return Component.GUIDELINE;
        }

        @Override
        public Verdict score(ScoringRequest submission) {
            if (value < 0) {
                throw new IllegalStateException("broken");
            }
            return new Verdict.Scored(value, List.of("of " + submission.about().id()));
        }
    }

    private static ScorerDefinition defined(String name, @Nullable String perspective, double value, boolean remote) {
        return new ScorerDefinition(name, perspective, true, false, new Fixed(value, remote));
    }

    private static Score recorded(ScorerDefinition by, @Nullable Double value) {
        Score.Builder score = Score.newBuilder().setScorer(by.name()).setScorerVersion(by.version());
        return value == null
                ? score.setUnscoredReason("was down").build()
                : score.setValue(value).build();
    }

    private static Scores recorded(Score... scores) {
        return Scores.newBuilder()
                .setTrajectoryId("t")
                .setGroupId("g")
                .setSampleIndex(0)
                .setScoringConfigHash("hash")
                .setScores(List.of(scores))
                .setCreatedMs(1)
                .build();
    }

    private static List<Score> rescored(Rescorer.Asking asking, Scores recorded, ScorerDefinition... scorers)
            throws InterruptedException {
        Trajectory trajectory = Trajectory.newBuilder()
                .setTrajectoryId("t")
                .setGroupId("g")
                .setSpecialty("pediatrics")
                .setSampleIndex(0)
                .setPerspective("analytical")
                .setCaseRef(new CaseRef("train.jsonl", "00", "c"))
                .setScoringConfigHash("hash")
                .setPromptHash("00")
                .setTokens(List.of())
                .setLogprobs(List.of())
                .setSpans(List.of())
                .setText("text")
                .setFinishReason(FinishReason.STOP)
                .setTemperature(1)
                .setWorker("w")
                .setDeliveryCount(1)
                .setSampledMs(1)
                .setCreatedMs(1)
                .build();
        ScorerType.Resources none =
                new ScorerType.Resources(HttpClient.newHttpClient(), name -> null, new AddressGuard(List.of()));
        return new Rescorer(List.of(scorers), asking, ref -> CASE, none)
                .score(trajectory, recorded)
                .getScores();
    }

    /** What the log has: a value, no score, or nothing of this version. What is asked for gives 0.5. */
    @ParameterizedTest
    @CsvSource({
        // again, remote, unscored only, remote scorer, on the log, then
        "true,  false, false, false, 0.25,     0.5",
        "true,  false, false, false, unscored, unscored",
        "false, false, false, false, 0.25,     0.25",
        "false, false, false, false, unscored, unscored",
        "false, false, false, false, absent,   0.5",
        "true,  false, false, true,  0.25,     0.25",
        "true,  false, false, true,  unscored, unscored",
        "false, false, false, true,  absent,   unscored",
        "true,  true,  false, true,  0.25,     0.5",
        "true,  true,  false, true,  unscored, 0.5",
        "true,  false, true,  false, 0.25,     0.25",
        "true,  false, true,  false, unscored, 0.5",
        "true,  true,  true,  true,  0.25,     0.25",
        "true,  true,  true,  true,  unscored, 0.5",
        "true,  false, true,  true,  unscored, unscored",
    })
    void givenWhatTheLogHasThenAScorerIsAskedOrItsScoreTakenOver(
            boolean again, boolean remote, boolean unscoredOnly, boolean remoteScorer, String onLog, String then)
            throws InterruptedException {
        ScorerDefinition scorer = defined("one", null, 0.5, remoteScorer);
        Scores log = switch (onLog) {
            case "absent" -> recorded();
            case "unscored" -> recorded(recorded(scorer, null));
            default -> recorded(recorded(scorer, Double.valueOf(onLog)));
        };

        Score score = rescored(new Rescorer.Asking(again, remote, unscoredOnly), log, scorer)
                .get(0);

        assertThat(score.getValue()).isEqualTo(then.equals("unscored") ? null : Double.valueOf(then));
        assertThat(score.getUnscoredReason() == null).isNotEqualTo(score.getValue() == null);
    }

    /** Accuracy and format have one version in common, so that it alone names no scorer. */
    @Test
    void givenAScorerOfAnotherNameOrVersionThenItIsAnotherScorer() throws InterruptedException {
        ScorerDefinition accuracy = defined("accuracy", null, 0.75, false);
        ScorerDefinition format = defined("format", null, 0.75, false);
        ScorerDefinition rewritten = defined("accuracy", null, 0.5, false);
        Rescorer.Asking fresh = new Rescorer.Asking(false, false, false);

        assertThat(format.version()).isEqualTo(accuracy.version());
        assertThat(rescored(fresh, recorded(recorded(accuracy, 0.125), recorded(format, 0.25)), format, accuracy))
                .extracting(Score::getScorer, Score::getValue)
                .containsExactly(tuple("format", 0.25), tuple("accuracy", 0.125));
        assertThat(rescored(fresh, recorded(recorded(accuracy, 0.125)), format, rewritten))
                .extracting(Score::getScorer, Score::getValue)
                .containsExactly(tuple("format", 0.75), tuple("accuracy", 0.5));
    }

    @Test
    void givenAScorerOfAnotherPerspectiveOrABrokenOneThenItHasNoSayOrNoValue() throws InterruptedException {
        Rescorer.Asking fresh = new Rescorer.Asking(false, false, false);

        assertThat(rescored(
                        fresh,
                        recorded(),
                        defined("other", "intuitive", 0.5, false),
                        defined("broken", "analytical", -1, false)))
                .singleElement()
                .satisfies(score -> assertThat(score.getScorer()).isEqualTo("broken"))
                .satisfies(score -> assertThat(score.getValue()).isNull())
                .satisfies(score -> assertThat(score.getUnscoredReason()).contains("scorer failed", "broken"));
    }
}
