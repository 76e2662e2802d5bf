package ai.consilium.policy.sampling;

import ai.consilium.policy.sampling.SamplingEngine.Policy;
import ai.consilium.policy.sampling.SamplingEngine.Sampled;
import ai.consilium.policy.sampling.SamplingEngine.Span;
import ai.consilium.random.SplitMix64;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** One sample on its way: where its noise comes from, what it has so far, and which policy sampled which part of it. */
final class ActiveSample {
    private final ActiveGroup group;
    private final int sample;
    private final long firstPosition;
    private final int[] tokens;
    private final float[] logprobs;
    private final List<Span> spans = new ArrayList<>();
    private int length;
    private boolean stopped;

    /** @param firstPosition of the completion's first token */
    ActiveSample(ActiveGroup group, int sample, long firstPosition) {
        this.group = group;
        this.sample = sample;
        this.firstPosition = firstPosition;
        this.tokens = new int[group.request().limits().get(sample)];
        this.logprobs = new float[tokens.length];
    }

    ActiveGroup group() {
        return group;
    }

    boolean ended() {
        return stopped || length == tokens.length || group.withdrawn();
    }

    /** Tokens that it may still get. */
    int left() {
        return tokens.length - length;
    }

    int last() {
        return tokens[length - 1];
    }

    /** Position of its last token. */
    long position() {
        return firstPosition + length - 1;
    }

    /** Noise of the token that is {@code ahead} tokens after those it has. */
    float noise(int ahead) {
        return SplitMix64.uniform(group.request().group().seed(), sample, length + ahead);
    }

    /** @param ends tokens that end it */
    void add(int token, float logprob, Set<Integer> ends, Policy policy) {
        if (ended()) {
            return;
        }
        tokens[length] = token;
        logprobs[length++] = logprob;
        stopped = ends.contains(token);
        Span last = spans.isEmpty() ? null : spans.get(spans.size() - 1);
        if (last == null || last.version() != policy.version() || !last.hash().equals(policy.hash())) {
            spans.add(new Span(length - 1, length, policy.version(), policy.hash()));
        } else {
            spans.set(spans.size() - 1, new Span(last.start(), length, last.version(), last.hash()));
        }
    }

    Sampled sampled() {
        return new Sampled(
                new Sampler.Completion(Arrays.copyOf(tokens, length), Arrays.copyOf(logprobs, length), !stopped),
                List.copyOf(spans));
    }
}
