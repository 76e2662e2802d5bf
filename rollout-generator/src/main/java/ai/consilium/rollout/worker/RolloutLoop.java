package ai.consilium.rollout.worker;

import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.rollout.engine.InferenceEngine;
import ai.consilium.schemas.Prompt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A worker's flow: take prompts, queue them with the engine that all workers share, and settle each as it ends, while the
 * hold on the others is renewed. A member of a share group gets new prompts only when it has settled all that it held: so
 * it holds few, and there are several workers.
 */
final class RolloutLoop implements ServiceThread.Flow {
    private static final Duration POLL = Duration.ofMillis(200);

    private final RunContext context;
    private final RolloutConfig config;
    private final PromptHandler handler;
    private final InferenceEngine engine;
    private final LatestAdapters adapters;
    private final RolloutMetrics metrics;
    private final Set<GroupInProgress> open = Collections.newSetFromMap(new IdentityHashMap<>());
    private final BlockingQueue<GroupInProgress> ended = new LinkedBlockingQueue<>();

    RolloutLoop(
            RunContext context,
            RolloutConfig config,
            PromptHandler handler,
            InferenceEngine engine,
            LatestAdapters adapters,
            RolloutMetrics metrics) {
        this.context = context;
        this.config = config;
        this.handler = handler;
        this.engine = engine;
        this.adapters = adapters;
        this.metrics = metrics;
    }

    @Override
    public void run(Pulse pulse) throws InterruptedException {
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
                    begin(consumer, prompts);
                    finish(consumer, pulse);
                }
            }
        } finally {
            open.forEach(group -> group.completions().cancel(true));
        }
    }

    private void waitForPrompts(Pulse pulse) {
        pulse.idle(adapters.promptsMayCome() ? "prompts" : "prompts: no specialty is being trained");
    }

    private void begin(PromptConsumer consumer, List<ConsumerRecord<String, Decoded<Prompt>>> prompts)
            throws InterruptedException {
        List<ConsumerRecord<String, Decoded<Prompt>>> done = new ArrayList<>();
        for (ConsumerRecord<String, Decoded<Prompt>> record : prompts) {
            PromptHandler.Begun begun = handler.begin(record);
            if (begun instanceof PromptHandler.Begun.Sampling sampling) {
                GroupInProgress group = sampling.group();
                open.add(group);
                group.completions().whenComplete((completions, problem) -> ended.add(group));
            } else if (begun instanceof PromptHandler.Begun.Done) {
                done.add(record);
            } else {
                consumer.release(record);
            }
            consumer.renewWhenDue();
        }
        handler.flush();
        done.forEach(consumer::accept);
        consumer.commit();
    }

    private void finish(PromptConsumer consumer, Pulse pulse) throws InterruptedException {
        BooleanSupplier progress = engine.progress();
        while (!open.isEmpty() && !pulse.stopping()) {
            adapters.requireSound();
            open.stream()
                    .filter(GroupInProgress::late)
                    .toList()
                    .forEach(group -> group.completions().cancel(true));
            GroupInProgress first = ended.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
            if (first != null) {
                List<GroupInProgress> groups = new ArrayList<>(List.of(first));
                ended.drainTo(groups);
                groups.forEach(handler::finish);
                handler.flush();
                groups.forEach(group -> consumer.accept(group.record()));
                consumer.commit();
                groups.forEach(open::remove);
            }
            consumer.renewWhenDue();
            tell(progress, pulse);
        }
    }

    /** A long group is no stall, as long as the engine gets on, with whosever. */
    private void tell(BooleanSupplier progress, Pulse pulse) {
        if (progress.getAsBoolean()) {
            pulse.beat();
        }
        pulse.waitingFor(engine.impediment().orElse("sampling of " + open.size() + " groups"));
    }
}
