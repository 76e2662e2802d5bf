package ai.consilium.reward.gaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.platform.service.MetricNames;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.Trajectory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;

class GamingWatchTest {
    private static final int EACH = 40;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<String> begun = new ArrayList<>();
    private final List<String> ended = new ArrayList<>();
    private final GamingWatch watch = new GamingWatch(meters, begun::add, ended::add);
    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    GamingWatchTest() {
        System.out.println("seed " + seed);
    }

    private static Trajectory trajectory(long version, String purpose) {
        return Trajectory.newBuilder()
                .setTrajectoryId("t")
                .setGroupId("g")
                .setSpecialty("pediatrics")
                .setSampleIndex(0)
                .setPerspective("analytical")
                .setCaseRef(new CaseRef("train.jsonl", "sha", "case"))
                .setScoringConfigHash("hash")
                .setPromptHash("prompt")
                .setTokens(List.of(1))
                .setLogprobs(List.of(0f))
                .setSpans(List.of(new Span(0, 1, version, "adapter")))
                .setText("text")
                .setFinishReason(FinishReason.STOP)
                .setTemperature(1)
                .setWorker("w")
                .setDeliveryCount(1)
                .setSampledMs(1)
                .setCreatedMs(1)
                .setPurpose(purpose)
                .build();
    }

    private static Score score(String scorer, double value) {
        return Score.newBuilder()
                .setScorer(scorer)
                .setScorerVersion("v")
                .setValue(value)
                .build();
    }

    private double near(double mean) {
        return Math.max(0, Math.min(1, mean + .1 * random.nextGaussian()));
    }

    private void steps(long from, long to, LongToDoubleFunction trained, LongToDoubleFunction shadow) {
        for (long version = from; version < to; version++) {
            for (int i = 0; i < EACH; i++) {
                watch.add(
                        trajectory(version, Purpose.RL),
                        near(trained.applyAsDouble(version)),
                        score("held-out", near(shadow.applyAsDouble(version))));
            }
        }
    }

    @Test
    void givenTrainedScoresThatClimbWhileAShadowFallsThenItIsToldOnceAndOnceWhenItIsOver() {
        steps(0, 10, version -> .5, version -> .6);
        steps(10, 40, version -> .5 + .01 * (version - 10), version -> .6 - .01 * (version - 10));

        assertThat(begun)
                .singleElement()
                .asString()
                .matches(
                        "pediatrics may be gaming its guidelines: trained guidelines 0\\.\\d\\d to 0\\.\\d\\d, shadow 0\\.\\d\\d to"
                                + " 0\\.\\d\\d within 20 steps; shadow held-out");
        assertThat(meters.get(MetricNames.REWARD_GAMING).gauge().value()).isEqualTo(1);
        assertThat(ended).isEmpty();

        steps(40, 75, version -> .8, version -> .3);
        assertThat(begun).hasSize(1);
        assertThat(ended).containsExactly("pediatrics: its guidelines and shadow held-out no longer drift apart");
        assertThat(meters.get(MetricNames.REWARD_GAMING).gauge().value()).isZero();
    }

    @Test
    void givenBothThatClimbOrBothThatFallOrLittleNoiseThenNothingIsTold() {
        steps(0, 40, version -> .3 + .01 * version, version -> .3 + .01 * version);
        steps(40, 80, version -> .7 - .01 * (version - 40), version -> .7 - .01 * (version - 40));
        steps(80, 140, version -> .5, version -> .5);

        assertThat(begun).isEmpty();
    }

    @Test
    void givenATrajectoryThenOnlyGuidelinesThatEnterAdvantagesAreTrainedOnAndExaminationsAreNot() {
        List<Score> scores = List.of(score("accuracy", 1), score("a", .2), score("b", .6), score("shadow", 0));

        assertThat(GamingWatch.trained(trajectory(1, Purpose.RL), scores, Set.of("a", "b"))
                        .orElseThrow())
                .isCloseTo(.4, within(1e-12));
        assertThat(GamingWatch.trained(trajectory(1, Purpose.VALIDATION), scores, Set.of("a")))
                .isEmpty();
        assertThat(GamingWatch.trained(trajectory(1, Purpose.RL), scores, Set.of("none")))
                .isEmpty();
    }
}
