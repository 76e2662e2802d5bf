package ai.consilium.rollout.worker;

import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.schemas.Prompt;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A worker's flow: take prompts, sample them while the hold on them is renewed, accept what is done, and again. Workers
 * are more than compute threads, so that one samples while another waits for the log.
 */
final class RolloutLoop implements ServiceThread.Flow {
    private static final Duration POLL = Duration.ofMillis(200);

    private final RunContext context;
    private final RolloutConfig config;
    private final PromptHandler work;
    private final LatestAdapters adapters;
    private final RolloutMetrics metrics;

    RolloutLoop(
            RunContext context,
            RolloutConfig config,
            PromptHandler work,
            LatestAdapters adapters,
            RolloutMetrics metrics) {
        this.context = context;
        this.config = config;
        this.work = work;
        this.adapters = adapters;
        this.metrics = metrics;
    }

    @Override
    public void run(Pulse pulse) throws InterruptedException {
        // The consumer belongs to this thread, and must be free to renew: the work is done by a hand of its own.
        ExecutorService hand = Executors.newSingleThreadExecutor(this::hand);
        try (PromptConsumer consumer = new PromptConsumer(context, config.groupsPerBatch())) {
            while (!pulse.stopping()) {
                if (!adapters.complete(POLL)) {
                    pulse.waitingFor("an adapter that has been published");
                    continue;
                }
                waitForPrompts(pulse);
                boolean training = adapters.promptsMayCome();
                long start = System.nanoTime();
                List<ConsumerRecord<String, Decoded<Prompt>>> prompts = consumer.take(POLL);
                if (training) {
                    metrics.waited(Duration.ofNanos(System.nanoTime() - start));
                }
                if (!prompts.isEmpty()) {
                    pulse.beat();
                    pulse.waitingFor("sampling of " + prompts.size() + " groups");
                    Future<Set<String>> done = hand.submit(() -> work.perform(prompts));
                    consumer.settle(whileRenewing(consumer, done));
                    pulse.beat();
                }
            }
        } finally {
            hand.shutdownNow();
        }
    }

    /** Before adaptation is over and after training is, a worker without prompts is no stall. */
    private void waitForPrompts(Pulse pulse) {
        if (adapters.promptsMayCome()) {
            pulse.waitingFor("prompts");
        } else {
            pulse.idle("prompts: no specialty is being trained");
        }
    }

    private static Set<String> whileRenewing(PromptConsumer consumer, Future<Set<String>> work)
            throws InterruptedException {
        while (true) {
            try {
                return work.get(consumer.renewAfter().toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                consumer.renew();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException unchecked) {
                    throw unchecked;
                }
                throw new IllegalStateException("sampling failed: " + e.getCause(), e.getCause());
            }
        }
    }

    private Thread hand(Runnable work) {
        Thread thread = new Thread(work, Thread.currentThread().getName() + "-hand");
        thread.setDaemon(true);
        return thread;
    }
}
