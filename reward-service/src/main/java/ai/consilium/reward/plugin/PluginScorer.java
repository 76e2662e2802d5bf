package ai.consilium.reward.plugin;

import ai.consilium.reward.scorer.RequestLimits;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScorerUnavailableException;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Component;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A scorer of a plug-in, of which nobody waits longer for a verdict than for a service's. Nothing can end code that does not end
 * by itself: it is interrupted, and a thread that goes on is left behind under a name that says so. While many are, the
 * plug-in is not called. Thread-safe.
 */
public final class PluginScorer implements Scorer {
    /** What the names of threads end with whose verdict nobody waits for any more. */
    public static final String LEFT_BEHIND = "-left-behind";

    private static final Logger LOG = LoggerFactory.getLogger(PluginScorer.class);
    private static final int MOST_LEFT_BEHIND = 32;

    private final Scorer scorer;
    private final Duration deadline;
    private final AtomicInteger leftBehind = new AtomicInteger();
    private final ExecutorService threads;

    /**
     * Of a plug-in's own.
     *
     * @param deadline of a call
     */
    public PluginScorer(Scorer scorer, Duration deadline) {
        this.scorer = scorer;
        this.deadline = deadline;
        this.threads = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "plugin-" + scorer.name());
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public ScorerType.Identity identity() {
        return scorer.identity();
    }

    @Override
    public Component component() {
        return scorer.component();
    }

    @Override
    public boolean remote() {
        return scorer.remote();
    }

    @Override
    public RequestLimits limits() {
        return scorer.limits();
    }

    @Override
    public boolean appliesTo(String of) {
        return scorer.appliesTo(of);
    }

    @Override
    public Verdict score(ScoringRequest submission) throws ScorerUnavailableException, InterruptedException {
        return scoreAll(List.of(submission)).get(0);
    }

    @Override
    public List<Verdict> scoreAll(List<ScoringRequest> submissions)
            throws ScorerUnavailableException, InterruptedException {
        if (leftBehind.get() >= MOST_LEFT_BEHIND) {
            throw new ScorerUnavailableException(leftBehind + " calls of the plug-in hang");
        }
        Call call = new Call(submissions);
        threads.execute(call);
        try {
            return call.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            throw new ScorerUnavailableException("no verdict within " + deadline.toMillis() + " ms");
        } catch (ExecutionException failed) {
            throw thrown(failed.getCause());
        } finally {
            call.leave();
        }
    }

    /** How many threads it goes on with although nobody waits for them. */
    public int leftBehind() {
        return leftBehind.get();
    }

    private static RuntimeException thrown(@Nullable Throwable cause) throws ScorerUnavailableException {
        if (cause instanceof ScorerUnavailableException unavailable) {
            throw unavailable;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        // Also an InterruptedException of the plug-in's own making, which stops nothing here.
        return cause instanceof RuntimeException broken ? broken : new IllegalStateException(cause);
    }

    /** A call on a thread of its own. */
    private final class Call extends FutureTask<List<Verdict>> {
        private @Nullable Thread thread;
        private boolean left;

        Call(List<ScoringRequest> submissions) {
            super(() -> scorer.scoreAll(submissions));
        }

        @Override
        public void run() {
            begin();
            try {
                super.run();
            } finally {
                end();
            }
        }

        private synchronized void begin() {
            thread = Thread.currentThread();
        }

        private synchronized void end() {
            if (left) {
                Thread.currentThread().setName("plugin-" + scorer.name());
                leftBehind.decrementAndGet();
            }
            thread = null;
        }

        /** Nobody waits for it any more; where it has ended that is no matter. */
        private synchronized void leave() {
            cancel(true);
            if (thread != null && !left && !isDoneByItself()) {
                left = true;
                thread.setName("plugin-" + scorer.name() + LEFT_BEHIND);
                if (leftBehind.incrementAndGet() == 1) {
                    LOG.atWarn()
                            .addKeyValue("scorer", scorer.name())
                            .addKeyValue("thread", thread.getName())
                            .addKeyValue("deadlineMs", deadline.toMillis())
                            .log("a call of a plug-in has outlasted its deadline: its thread is left behind");
                }
            }
        }

        private boolean isDoneByItself() {
            return isDone() && !isCancelled();
        }
    }
}
