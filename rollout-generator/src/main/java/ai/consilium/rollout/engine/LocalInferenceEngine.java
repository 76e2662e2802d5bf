package ai.consilium.rollout.engine;

import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.inference.prompt.PromptEncoder.Encoded;
import ai.consilium.policy.ModelException;
import ai.consilium.policy.adapter.AdaptedWeights;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.compute.SignsOfLife;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.sampling.SamplingEngine;
import ai.consilium.schemas.Sampling;
import ai.consilium.schemas.Span;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The engine of this process: the policy's own, which mixes the groups of all workers and experts. One thread drives it;
 * adapters are swapped while it samples.
 */
public final class LocalInferenceEngine implements InferenceEngine {
    private final PromptEncoder encoder;
    private final SamplingEngine engine;
    private final Thread driver = new Thread(this::drive, "sampling");
    private final Map<Long, CompletableFuture<List<Completion>>> open = new HashMap<>();
    private final Compute compute;
    private volatile Work work = new Work(0, Duration.ZERO);
    private boolean closed;
    private @Nullable Throwable failure;

    private record Encodings(Sampler.Group group, List<String> promptHashes) implements Prepared {}

    /**
     * Over a model; starts the thread.
     *
     * @param encoder of the model
     * @param compute the caller closes it, after this
     * @param weights to sample with; the caller closes them, after this
     */
    public LocalInferenceEngine(
            PromptEncoder encoder,
            PolicyModel model,
            Compute compute,
            SamplingEngine.Limits limits,
            AdaptedWeights weights) {
        this.encoder = encoder;
        this.compute = compute;
        this.engine = new SamplingEngine(model, compute, limits, weights);
        driver.setDaemon(true);
        driver.start();
    }

    @Override
    public Prepared prepare(GroupText text) {
        List<Encoded> samples = encoder.encode(text.name(), text.prompts(), text.images());
        List<int[]> instructions = samples.stream().map(Encoded::instruction).toList();
        return new Encodings(
                new Sampler.Group(samples.get(0).prefix(), instructions, text.seed()),
                samples.stream().map(Encoded::hash).toList());
    }

    @Override
    public void use(AdapterVersion adapter) {
        engine.use(adapter.policy(), new SamplingEngine.Policy(adapter.version(), adapter.hash(), adapter.adapter()));
    }

    @Override
    public void drop(String policy) {
        engine.forget(policy);
    }

    @Override
    public synchronized CompletableFuture<List<Completion>> sample(String policy, Prepared group, Sampling sampling) {
        CompletableFuture<List<Completion>> future = new CompletableFuture<>();
        if (failure != null) {
            future.completeExceptionally(failure);
            return future;
        }
        Sampler.Settings settings = new Sampler.Settings(sampling.getTemperature(), sampling.getMaxCompletionTokens());
        try {
            long ticket = engine.submit(SamplingEngine.Request.of(policy, ((Encodings) group).group(), settings));
            open.put(ticket, future);
            future.whenComplete((completions, problem) -> forget(ticket));
            notifyAll();
        } catch (ModelException e) {
            future.completeExceptionally(e);
        }
        return future;
    }

    /** Whoever waited has what it waited for, or has given it up. */
    private synchronized void forget(long ticket) {
        if (open.remove(ticket) != null) {
            engine.withdraw(ticket);
        }
    }

    private void drive() {
        try {
            while (awaitGroups()) {
                List<SamplingEngine.Finished> finished = engine.step(Compute.Urgency.SAMPLE);
                SamplingEngine.Work done = engine.work();
                work = new Work(done.tokens(), Duration.ofNanos((long) (done.processorSeconds() * 1e9)));
                finished.forEach(this::complete);
            }
            fail(new IllegalStateException("the engine is closed"));
        } catch (Throwable e) {
            fail(e);
        }
    }

    /** @return false once it is closed */
    private synchronized boolean awaitGroups() throws InterruptedException {
        while (!closed && engine.isIdle()) {
            wait();
        }
        return !closed;
    }

    private void complete(SamplingEngine.Finished group) {
        CompletableFuture<List<Completion>> future;
        synchronized (this) {
            future = open.remove(group.ticket());
        }
        if (future != null) {
            future.complete(group.samples().stream().map(this::completion).toList());
        }
    }

    private Completion completion(SamplingEngine.Sampled sampled) {
        Sampler.Completion sample = sampled.completion();
        List<Span> spans = sampled.spans().stream()
                .map(span -> new Span(span.start(), span.end(), span.version(), span.hash()))
                .toList();
        return new Completion(
                sample.tokens(), sample.logprobs(), spans, encoder.text(sample.tokens()), sample.truncated());
    }

    private void fail(Throwable cause) {
        List<CompletableFuture<List<Completion>>> left;
        synchronized (this) {
            failure = cause;
            left = new ArrayList<>(open.values());
            open.clear();
        }
        left.forEach(future -> future.completeExceptionally(cause));
    }

    @Override
    public Work work() {
        return work;
    }

    @Override
    public BooleanSupplier progress() {
        SignsOfLife signs = new SignsOfLife();
        return () -> signs.seen(work.tokens(), compute.effort());
    }

    @Override
    public Optional<String> impediment() {
        return Optional.empty();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        driver.interrupt();
        boolean interrupted = false;
        while (driver.isAlive()) {
            try {
                driver.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        engine.close();
    }
}
