package ai.consilium.reward.lane;

import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.scorer.RequestLimits;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerUnavailableException;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One remote scorer's threads: what is asked of it waits here for nobody but itself. Tries that fail are repeated with growing
 * waits. While the scorer is down, trajectories that need its score wait for it, up to {@code reward.breaker.give_up} after it
 * went down; the others are unscored at once. Thread-safe.
 */
public final class ScorerLane implements AutoCloseable {
    private static final double DOUBLING = 2;
    private static final double JITTER = 0.25;
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final Duration IDLE_THREAD = Duration.ofSeconds(30);

    /**
     * What the scorer said.
     *
     * @param latencyMs from the first try to the last, in milliseconds
     */
    public record Answer(Verdict verdict, double latencyMs) {}

    private record Job(ScoringRequest request, boolean required, CompletableFuture<Answer> answer) {}

    private final Scorer scorer;
    private final RequestLimits limits;
    private final RewardConfig config;
    private final Outage outage;
    private final IntervalFunction backoff;
    private final @Nullable RateLimiter rate;
    private final BlockingQueue<Job> waiting = new LinkedBlockingQueue<>();
    private final AtomicInteger required = new AtomicInteger();
    private final ExecutorService threads;

    ScorerLane(Scorer scorer, RewardConfig config) {
        this.scorer = scorer;
        this.limits = scorer.limits();
        this.config = config;
        this.outage = new Outage(scorer.name(), config.breaker());
        long first = Math.max(1, limits.backoff().toMillis());
        this.backoff = IntervalFunction.ofExponentialRandomBackoff(
                first, DOUBLING, JITTER, Math.max(first + 1, LONGEST_BACKOFF.toMillis()));
        this.rate = limits.perSecond() == null ? null : limiter(scorer.name(), limits.perSecond());
        int most = limits.concurrency() == null ? config.concurrency() : limits.concurrency();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                most, most, IDLE_THREAD.toMillis(), TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "scorer-" + scorer.name());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        this.threads = pool;
    }

    /** Spreads what a second allows over the second. */
    private static RateLimiter limiter(String name, double perSecond) {
        return RateLimiter.of(
                name,
                RateLimiterConfig.custom()
                        .limitForPeriod(1)
                        .limitRefreshPeriod(Duration.ofNanos((long) (TimeUnit.SECONDS.toNanos(1) / perSecond)))
                        .timeoutDuration(LOOK)
                        .build());
    }

    /**
     * Asks for a score. The answer never comes when the lane is closed first.
     *
     * @param needed whether somebody waits for it: then it waits in turn however many do, and for the scorer to be up
     */
    public CompletableFuture<Answer> ask(ScoringRequest request, boolean needed) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        if (needed) {
            required.incrementAndGet();
        } else if (waiting.size() >= config.maxInFlight()) {
            String reason = "too slow: " + config.maxInFlight() + " trajectories wait for it already";
            answer.complete(new Answer(new Verdict.Unscored(reason), 0));
            return answer;
        }
        waiting.add(new Job(request, needed, answer));
        threads.execute(this::work);
        return answer;
    }

    /** Why the scorer is down, while trajectories wait until it is up again. */
    public Optional<String> awaited() {
        return required.get() > 0 && outage.isDown() && !givenUp() ? Optional.of(outage.reason()) : Optional.empty();
    }

    /** Why it does not answer, whether or not anyone waits for it. */
    Optional<String> down() {
        return outage.isDown() ? Optional.of(outage.reason()) : Optional.empty();
    }

    /** Whether it answers. */
    public boolean isUp() {
        return !outage.isDown();
    }

    /** How many trajectories wait for their turn. */
    public int waiting() {
        return waiting.size();
    }

    private void work() {
        List<Job> jobs = new ArrayList<>(limits.batch());
        waiting.drainTo(jobs, limits.batch());
        if (jobs.isEmpty()) {
            // They went with those before them.
            return;
        }
        long begin = System.nanoTime();
        try {
            List<Verdict> verdicts = verdicts(jobs);
            double latencyMs = (System.nanoTime() - begin) / 1e6;
            for (int i = 0; i < jobs.size(); i++) {
                Job job = jobs.get(i);
                if (job.required()) {
                    required.decrementAndGet();
                }
                job.answer().complete(new Answer(verdicts.get(i), latencyMs));
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Verdict> verdicts(List<Job> jobs) throws InterruptedException {
        List<ScoringRequest> requests = jobs.stream().map(Job::request).toList();
        boolean needed = jobs.stream().anyMatch(Job::required);
        for (int failures = 1; ; failures++) {
            while (!outage.permits()) {
                if (!needed || givenUp()) {
                    return unscored("down: " + outage.reason(), jobs);
                }
                Thread.sleep(LOOK.toMillis());
            }
            try {
                return once(requests);
            } catch (ScorerUnavailableException failure) {
                boolean waits = needed && outage.isDown() && !givenUp();
                if (failures > limits.retries() && !waits) {
                    String tries = failures == 1 ? "" : " (" + failures + " tries)";
                    return unscored(failure.reason() + tries, jobs);
                }
            }
            Thread.sleep(backoff.apply(Math.min(failures, limits.retries() + 1)));
        }
    }

    /** One try, for which the outage gave its permission. */
    private List<Verdict> once(List<ScoringRequest> requests) throws ScorerUnavailableException, InterruptedException {
        boolean told = false;
        try {
            while (rate != null && !rate.acquirePermission()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            List<Verdict> verdicts = scorer.scoreAll(requests);
            if (verdicts.size() != requests.size()) {
                throw new IllegalStateException(verdicts.size() + " verdicts on " + requests.size() + " trajectories");
            }
            outage.answered();
            told = true;
            return verdicts;
        } catch (ScorerUnavailableException failure) {
            outage.failed(failure);
            told = true;
            throw failure;
        } catch (RuntimeException | LinkageError | StackOverflowError broken) {
            // A scorer that breaks says nothing about the trajectory: that is unscored, never 0.
            return Collections.nCopies(requests.size(), new Verdict.Unscored("scorer failed: " + broken));
        } finally {
            if (!told) {
                outage.withdrawn();
            }
        }
    }

    private boolean givenUp() {
        return outage.lasted().compareTo(config.breaker().giveUp()) > 0;
    }

    private static List<Verdict> unscored(String reason, List<Job> jobs) {
        return Collections.nCopies(jobs.size(), new Verdict.Unscored(reason));
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
