package ai.consilium.benchmarks.stream;

import ai.consilium.rollout.engine.AdapterVersion;
import ai.consilium.rollout.engine.InferenceEngine;
import ai.consilium.schemas.Sampling;
import ai.consilium.schemas.Span;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/** An engine that samples elsewhere: a group takes a given time and none of this process's processors. */
final class SimulatedEngine implements InferenceEngine {
    private static final String HASH = "0".repeat(64);

    private final Executor later;
    private final List<Completion> completions;
    private final Map<String, AdapterVersion> newest = new ConcurrentHashMap<>();
    private final AtomicLong tokens = new AtomicLong();

    private record Group(List<String> promptHashes) implements Prepared {}

    /**
     * Answers every group alike.
     *
     * @param later runs the end of a group, once it has taken its time
     * @param completions of a group, whose spans are set here
     */
    SimulatedEngine(Executor later, List<Completion> completions) {
        this.later = later;
        this.completions = completions;
    }

    @Override
    public Prepared prepare(GroupText group) {
        return new Group(group.prompts().stream().map(prompt -> HASH).toList());
    }

    @Override
    public void use(AdapterVersion adapter) {
        newest.put(adapter.policy(), adapter);
    }

    @Override
    public void drop(String policy) {
        newest.remove(policy);
    }

    @Override
    public CompletableFuture<List<Completion>> sample(String policy, Prepared group, Sampling sampling) {
        AdapterVersion by = Objects.requireNonNull(newest.get(policy), "no version of " + policy);
        return CompletableFuture.supplyAsync(
                () -> completions.stream()
                        .map(each -> {
                            tokens.addAndGet(each.tokens().length);
                            Span span = new Span(0, each.tokens().length, by.version(), by.hash());
                            return new Completion(
                                    each.tokens(), each.logprobs(), List.of(span), each.text(), each.truncated());
                        })
                        .toList(),
                later);
    }

    @Override
    public Work work() {
        return new Work(tokens.get(), Duration.ZERO);
    }

    @Override
    public Optional<String> impediment() {
        return Optional.empty();
    }

    @Override
    public void close() {
        // Nothing is its own.
    }
}
