package ai.consilium.reward.plugin;

import static ai.consilium.reward.ScoringExamples.check;
import static ai.consilium.reward.ScoringExamples.config;
import static ai.consilium.reward.ScoringExamples.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.service.MetricNames;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.lane.ScorerLane;
import ai.consilium.reward.lane.ScorerLanes;
import ai.consilium.reward.scorer.LocalScorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScorerUnavailableException;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Component;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a plug-in may do to those who ask it: nothing. */
class PluginScorerTest {
    private static final Verdict ONE = new Verdict.Scored(1, List.of());
    private static final ScoringRequest HANGING = submission("hang", "none");
    private static final ScoringRequest FINE = submission("fine", "none");

    private final CountDownLatch released = new CountDownLatch(1);
    private final PluginScorer scorer = scorer(Duration.ofMillis(50), this::deaf);

    private static PluginScorer scorer(Duration deadline, Function<ScoringRequest, Verdict> verdict) {
        return new PluginScorer(
                new LocalScorer(new ScorerType.Identity("tone", null, "v123456789"), Component.GUIDELINE, verdict),
                deadline);
    }

    /** Hangs for some, whoever interrupts it. */
    private Verdict deaf(ScoringRequest asked) {
        while (asked.equals(HANGING) && released.getCount() > 0) {
            try {
                released.await();
            } catch (InterruptedException ignored) {
                // That is the point.
            }
        }
        return ONE;
    }

    @AfterEach
    void release() {
        released.countDown();
    }

    @Test
    void givenACallThatHangsWhenItsTimeIsOverThenItsThreadIsCountedAndNamedUntilItEnds() throws Exception {
        assertThatThrownBy(() -> scorer.score(HANGING))
                .isInstanceOf(ScorerUnavailableException.class)
                .hasMessageContaining("no verdict within 50 ms");
        assertThat(scorer.leftBehind()).isEqualTo(1);
        assertThat(threads()).containsExactly("plugin-tone-left-behind");
        assertThat(scorer.score(FINE)).isEqualTo(ONE);

        released.countDown();

        await().untilAsserted(() -> assertThat(scorer.leftBehind()).isZero());
        await().untilAsserted(() -> assertThat(threads()).isEmpty());
    }

    @Test
    void givenACallThatListensWhenItIsInterruptedThenNoThreadIsLeft() {
        PluginScorer polite = scorer(Duration.ofMillis(50), asked -> {
            try {
                TimeUnit.MINUTES.sleep(1);
                return ONE;
            } catch (InterruptedException told) {
                throw new IllegalStateException(told);
            }
        });

        assertThatThrownBy(() -> polite.score(FINE)).isInstanceOf(ScorerUnavailableException.class);
        await().untilAsserted(() -> assertThat(polite.leftBehind()).isZero());
    }

    @Test
    void givenManyCallsThatHangThenThePluginIsNotCalledUntilOneEnds() throws Exception {
        PluginScorer quick = scorer(Duration.ofMillis(5), this::deaf);
        while (quick.leftBehind() < 32) {
            assertThatThrownBy(() -> quick.score(HANGING)).isInstanceOf(ScorerUnavailableException.class);
        }

        assertThatThrownBy(() -> quick.score(FINE)).hasMessageContaining("32 calls of the plug-in hang");
        released.countDown();
        await().untilAsserted(() -> assertThat(quick.leftBehind()).isZero());
        assertThat(scorer.score(FINE)).isEqualTo(ONE);
    }

    @Test
    void givenWhatThePluginThrowsThenItIsThrown() {
        assertThatThrownBy(() -> scorer(Duration.ofMinutes(1), asked -> {
                            throw new IllegalArgumentException("bug");
                        })
                        .score(FINE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bug");
        assertThatThrownBy(() -> scorer(Duration.ofMinutes(1), asked -> {
                            throw new NoSuchMethodError("built against another");
                        })
                        .score(FINE))
                .isInstanceOf(NoSuchMethodError.class);
    }

    @Test
    void givenAPluginThatHangsAndIsNeededWhenAskedThenItEndsUnscoredAndIsNamedAndCounted() throws Exception {
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        RewardConfig.Breaker twice = new RewardConfig.Breaker(2, Duration.ofMillis(20), Duration.ZERO);
        try (ScorerLanes lanes = new ScorerLanes(config(64, twice, Duration.ZERO, check("format")), metrics)) {
            ScorerLane lane = lanes.of(scorer);
            for (int i = 0; i < 2; i++) {
                assertThat(lane.ask(HANGING, true).get(20, TimeUnit.SECONDS).verdict())
                        .isEqualTo(new Verdict.Unscored("no verdict within 50 ms"));
            }

            assertThat(lanes.down()).singleElement().asString().contains("tone", "no verdict within 50 ms");
            assertThat(metrics.get(MetricNames.REWARD_PLUGIN_LEFT_BEHIND)
                            .tag("scorer", "tone")
                            .gauge()
                            .value())
                    .isEqualTo(2);
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.equals("plugin-tone" + PluginScorer.LEFT_BEHIND))
                .toList();
    }
}
