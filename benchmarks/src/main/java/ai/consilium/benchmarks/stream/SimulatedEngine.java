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
import java.util.stream.IntStream;

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
     * @param completions of a group's prompts, in turn; their spans are set here
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
                () -> IntStream.range(0, group.promptHashes().size())
                        .mapToObj(prompt -> completion(prompt, by))
                        .toList(),
                later);
    }

    private Completion completion(int prompt, AdapterVersion by) {
        Completion like = completions.get(prompt % completions.size());
        int length = like.tokens().length;
        tokens.addAndGet(length);
        Span span = new Span(0, length, by.version(), by.hash());
        return new Completion(like.tokens(), like.logprobs(), List.of(span), like.text(), like.truncated());
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
