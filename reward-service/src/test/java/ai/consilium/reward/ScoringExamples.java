package ai.consilium.reward;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.grading.Grading;
import ai.consilium.platform.AddressGuard;
import ai.consilium.platform.RemoteHttp;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.config.RewardConfig.ScorerConfig;
import ai.consilium.reward.judge.JudgeBudget;
import ai.consilium.reward.judge.JudgeKeys;
import ai.consilium.reward.lane.ScorerLanes;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.reward.scorer.HttpDefaults;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.builtin.AccuracyType;
import ai.consilium.reward.scorer.builtin.FormatType;
import ai.consilium.reward.scorer.builtin.RubricType;
import ai.consilium.reward.scorer.http.HttpType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A case with known evidence, and configurations around it. */
public final class ScoringExamples {
    public static final Case.Evidence EVIDENCE = new Case.Evidence(
            List.of(
                    new Case.Finding("film", "one", "image", true),
                    new Case.Finding("urea", "high", "text", true),
                    new Case.Finding("breathing", "normal", "text", false)),
            "CURB-65",
            "2",
            List.of("ward", "home care"));

    public static Case pneumonia(Case.@Nullable Evidence evidence) {
        return new Case(
                "sim-1",
                "adult_medicine",
                "chest film",
                List.of(),
                "where to treat ?",
                new TreeMap<>(Map.of("A", "home care", "B", "ward", "C", "intensive care", "D", "no pneumonia")),
                "B",
                Map.of("urea", "12"),
                evidence,
                Map.of(),
                "hand-written");
    }

    public static String thinking(String thought) {
        return "<think> " + thought + " </think> <answer> ward </answer> <|im_end|>";
    }

    public static ScoringRequest submission(String completion, String perspective) {
        return new ScoringRequest("t-1", pneumonia(EVIDENCE), completion, perspective, false);
    }

    /** Down after ten failed tries, and given up on at once. */
    public static final RewardConfig.Breaker IMPATIENT =
            new RewardConfig.Breaker(10, Duration.ofMillis(100), Duration.ZERO);

    public static RewardConfig config(ScorerConfig... scorers) {
        return config(64, IMPATIENT, Duration.ofSeconds(5), scorers);
    }

    /** With room for some trajectories at a time. */
    public static RewardConfig config(
            int maxInFlight, RewardConfig.Breaker breaker, Duration configWait, ScorerConfig... scorers) {
        return new RewardConfig(
                "gba",
                new RewardConfig.Advantage(1, 0.2, 0.5, 0.5, true, false, true, true),
                List.of(scorers),
                "",
                new HttpDefaults(Duration.ofSeconds(2), 1, Duration.ofMillis(10), 4096, List.of()),
                4,
                64,
                maxInFlight,
                breaker,
                configWait,
                "");
    }

    /** Of a run that reads answers strictly, and whose model ends with the turn. */
    public static ScoringDefinition definition(RewardConfig config, Path base) {
        return ScoringDefinition.of(config, base, Grading.Mode.STRICT, EndTokens.TURN_END);
    }

    public static ScorerConfig check(String type) {
        ScorerType.Keys keys = type.equals("accuracy") ? new AccuracyType.NoKeys() : new FormatType.NoKeys();
        return new ScorerConfig(type, type, true, false, keys);
    }

    public static ScorerConfig rubric(String name, String file) {
        return new ScorerConfig(name, "rubric", true, false, new RubricType.RubricKeys(file, null));
    }

    /** Of a rubric for a judge that needs no key. */
    public static ScorerConfig judged(String name, String file, JudgeKeys judge) {
        return new ScorerConfig(name, "rubric", true, false, new RubricType.RubricKeys(file, null, null, judge));
    }

    /** With a key, asked as usual but for what is given. */
    public static JudgeKeys judge(
            String url, String model, String apiKeyEnv, @Nullable Duration timeout, @Nullable JudgeBudget budget) {
        return new JudgeKeys(
                url, model, apiKeyEnv, null, null, null, null, null, null, null, timeout, null, null, null, budget);
    }

    public static ScorerConfig remote(String url, @Nullable Map<String, String> headers) {
        HttpType.HttpKeys keys = new HttpType.HttpKeys(url, null, Duration.ofMillis(500), 1, headers);
        return new ScorerConfig("remote", "http", false, false, keys);
    }

    /** Not a shadow, and waited for or not. */
    public static ScorerConfig http(String name, boolean required, HttpType.HttpKeys keys) {
        return new ScorerConfig(name, "http", required, false, keys);
    }

    /** Lanes for what the examples configure. */
    public static ScorerLanes lanes() {
        return new ScorerLanes(config(check("format")), new SimpleMeterRegistry());
    }

    /** What scorers may use; no variable is set. */
    public static ScorerType.Resources resources() {
        return new ScorerType.Resources(RemoteHttp.client(), variable -> null, new AddressGuard(List.of()));
    }

    private ScoringExamples() {}
}
