package ai.consilium.reward.lane;

import static ai.consilium.reward.ScoringExamples.check;
import static ai.consilium.reward.ScoringExamples.config;
import static ai.consilium.reward.ScoringExamples.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.service.MetricNames;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.scorer.RequestLimits;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScorerUnavailableException;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Component;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScorerLaneTest {
    private static final Verdict ONE = new Verdict.Scored(1, List.of());
    private static final ScoringRequest REQUEST = submission("", "none");
    private static final int PATIENCE_S = 20;
    private static final RewardConfig.Breaker PATIENT =
            new RewardConfig.Breaker(10, Duration.ofMillis(20), Duration.ofMinutes(5));

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final List<ScorerLanes> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(ScorerLanes::close);
    }

    @Test
    void givenAScorerThatIsDownWhenItComesBackThenWhoeverNeedsItHasWaitedAndTheOthersHaveNot() throws Exception {
        AtomicBoolean up = new AtomicBoolean();
        Fake scorer = new Fake(new RequestLimits(null, null, 1, 0, Duration.ofMillis(1)), asked -> {
            if (!up.get()) {
                throw new ScorerUnavailableException("cannot connect");
            }
            return ONE;
        });
        ScorerLanes lanes = lanes(new RewardConfig.Breaker(3, Duration.ofMillis(20), Duration.ofMinutes(5)));
        ScorerLane lane = lanes.of(scorer);
        for (int i = 0; i < 3; i++) {
            assertThat(answer(lane.ask(REQUEST, false))).isEqualTo(new Verdict.Unscored("cannot connect"));
        }
        assertThat(up("remote")).isZero();
        assertThat(lanes.awaited()).isEmpty();

        CompletableFuture<ScorerLane.Answer> needed = lane.ask(REQUEST, true);
        await().until(() -> lanes.awaited().isPresent());
        assertThat(lanes.awaited()).hasValue("scorer remote, which is down (cannot connect)");
        assertThat(answer(lane.ask(REQUEST, false)).toString()).contains("cannot connect");
        assertThat(needed).isNotDone();

        up.set(true);
        assertThat(answer(needed)).isEqualTo(ONE);
        assertThat(up("remote")).isEqualTo(1);
        assertThat(lanes.awaited()).isEmpty();
    }

    @Test
    void givenAScorerThatStaysDownWhenTheBoundIsOverThenWhoeverNeedsItEndsUnscoredWithTheReason() throws Exception {
        Fake scorer = new Fake(new RequestLimits(null, null, 1, 0, Duration.ofMillis(1)), asked -> {
            throw new ScorerUnavailableException("cannot connect");
        });
        ScorerLanes lanes = lanes(new RewardConfig.Breaker(1, Duration.ofMillis(20), Duration.ofMillis(200)));

        assertThat(answer(lanes.of(scorer).ask(REQUEST, true)).toString()).contains("cannot connect");
        // The bound counts from when it went down, not anew for each.
        assertThat(lanes.awaited()).isEmpty();
        assertThat(answer(lanes.of(scorer).ask(REQUEST, true)).toString()).contains("cannot connect");
    }

    @Test
    void givenATrajectoryThatTheScorerAlwaysFailsOnWhenItAnswersOthersThenThatOneAloneIsUnscored() throws Exception {
        Fake scorer = new Fake(new RequestLimits(null, null, 1, 2, Duration.ofMillis(1)), asked -> {
            if (asked.completion().isEmpty()) {
                throw new ScorerUnavailableException("status 500");
            }
            return ONE;
        });
        ScorerLane lane = lanes(new RewardConfig.Breaker(10, Duration.ofMillis(20), Duration.ofMinutes(5)))
                .of(scorer);

        assertThat(answer(lane.ask(REQUEST, true))).isEqualTo(new Verdict.Unscored("status 500 (3 tries)"));
        assertThat(answer(lane.ask(submission("fine", "none"), true))).isEqualTo(ONE);
    }

    @Test
    void givenAScorerThatHangsWhenManyAreAskedForThenThoseThatNobodyWaitsForAreBounded() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        Fake scorer = new Fake(new RequestLimits(1, null, 1, 0, Duration.ZERO), asked -> {
            released.await();
            return ONE;
        });
        ScorerLane lane = lanes(PATIENT).of(scorer);
        CompletableFuture<ScorerLane.Answer> first = lane.ask(REQUEST, false);
        await().until(() -> lane.waiting() == 0);
        for (int i = 0; i < 64; i++) {
            assertThat(lane.ask(REQUEST, false)).isNotDone();
        }

        assertThat(answer(lane.ask(REQUEST, false)))
                .isEqualTo(new Verdict.Unscored("too slow: 64 trajectories wait for it already"));
        assertThat(lane.ask(REQUEST, true)).isNotDone();
        released.countDown();
        assertThat(answer(first)).isEqualTo(ONE);
    }

    @Test
    void givenAConcurrencyWhenManyAreAskedForThenNoMoreAreAtATime() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch three = new CountDownLatch(3);
        Fake scorer = new Fake(new RequestLimits(3, null, 1, 0, Duration.ZERO), asked -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            three.countDown();
            three.await();
            now.decrementAndGet();
            return ONE;
        });

        all(lanes(PATIENT).of(scorer), 30);

        assertThat(most).hasValue(3);
    }

    @Test
    void givenWhatWaitsWhenAskedInBatchesThenEachHasItsOwnVerdict() throws Exception {
        CountDownLatch filled = new CountDownLatch(1);
        List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
        Fake scorer =
                new Fake(new RequestLimits(1, null, 8, 0, Duration.ZERO), asked -> {
                    filled.await();
                    return new Verdict.Scored(asked.completion().length() / 100.0, List.of());
                }) {
                    @Override
                    public List<Verdict> scoreAll(List<ScoringRequest> submissions)
                            throws ScorerUnavailableException, InterruptedException {
                        sizes.add(submissions.size());
                        List<Verdict> verdicts = new ArrayList<>();
                        for (ScoringRequest one : submissions) {
                            verdicts.add(score(one));
                        }
                        return verdicts;
                    }
                };
        ScorerLane lane = lanes(PATIENT).of(scorer);
        List<CompletableFuture<ScorerLane.Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 33; i++) {
            answers.add(lane.ask(submission("x".repeat(i), "none"), true));
        }
        filled.countDown();

        for (int i = 0; i < answers.size(); i++) {
            assertThat(answer(answers.get(i))).isEqualTo(new Verdict.Scored(i / 100.0, List.of()));
        }
        assertThat(sizes).allMatch(size -> size <= 8).contains(8);
        assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(33);
    }

    @Test
    void givenARateWhenManyAreAskedForThenTheyAreSpreadOverTime() throws Exception {
        Fake scorer = new Fake(new RequestLimits(8, 50.0, 1, 0, Duration.ZERO), asked -> ONE);
        long begin = System.nanoTime();

        all(lanes(PATIENT).of(scorer), 11);

        // Ten waits of 20 ms, less what the clock's first tick gives away.
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(150));
    }

    @Test
    void givenAScorerThatBreaksWhenAskedThenItIsUnscoredAndNotTakenToBeDown() throws Exception {
        Fake scorer = new Fake(new RequestLimits(null, null, 1, 3, Duration.ZERO), asked -> {
            throw new IllegalStateException("bug");
        });
        ScorerLane lane = lanes(new RewardConfig.Breaker(1, Duration.ofMillis(20), Duration.ofMinutes(5)))
                .of(scorer);

        for (int i = 0; i < 3; i++) {
            assertThat(answer(lane.ask(REQUEST, true)))
                    .isEqualTo(new Verdict.Unscored("scorer failed: java.lang.IllegalStateException: bug"));
        }
        assertThat(lane.isUp()).isTrue();
    }

    private static void all(ScorerLane lane, int count) throws Exception {
        List<CompletableFuture<ScorerLane.Answer>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(lane.ask(REQUEST, true));
        }
        for (CompletableFuture<ScorerLane.Answer> one : answers) {
            assertThat(answer(one)).isEqualTo(ONE);
        }
    }

    private static Verdict answer(CompletableFuture<ScorerLane.Answer> answer) throws Exception {
        return answer.get(PATIENCE_S, TimeUnit.SECONDS).verdict();
    }

    private double up(String scorer) {
        return metrics.get(MetricNames.REWARD_SCORER_UP)
                .tag("scorer", scorer)
                .gauge()
                .value();
    }

    private ScorerLanes lanes(RewardConfig.Breaker breaker) {
        ScorerLanes lanes = new ScorerLanes(config(64, breaker, Duration.ZERO, check("format")), metrics);
        opened.add(lanes);
        return lanes;
    }

    private interface Behaviour {
        Verdict on(ScoringRequest asked) throws ScorerUnavailableException, InterruptedException;
    }

    private static class Fake implements Scorer {
        private final RequestLimits limits;
        private final Behaviour behaviour;

        Fake(RequestLimits limits, Behaviour behaviour) {
            this.limits = limits;
            this.behaviour = behaviour;
        }

        @Override
        public ScorerType.Identity identity() {
            return new ScorerType.Identity("remote", null, "v1");
        }

        @Override
        public Component component() {
            return Component.GUIDELINE;
        }

        @Override
        public boolean remote() {
            return true;
        }

        @Override
        public RequestLimits limits() {
            return limits;
        }

        @Override
        public Verdict score(ScoringRequest submission) throws ScorerUnavailableException, InterruptedException {
            return behaviour.on(submission);
        }
    }
}
