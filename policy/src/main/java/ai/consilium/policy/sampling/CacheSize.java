package ai.consilium.policy.sampling;

import java.util.Collection;
import java.util.function.ToIntFunction;

/**
 * Slots of the keys and values of a batch.
 *
 * @param groups prefixes
 * @param prefixTokens of a prefix
 * @param samples whose own keys and values it holds
 * @param instructionTokens of a sample: the prompt's last token and its instruction
 * @param completionTokens of a sample
 */
record CacheSize(int groups, int prefixTokens, int samples, int instructionTokens, int completionTokens) {
    static final CacheSize NONE = new CacheSize(0, 0, 0, 0, 0);
    /** Token slots grow by steps, so that a batch does not move for every prompt that is one token longer. */
    private static final int TOKEN_STEP = 16;

    /** Just what requests need together. */
    static CacheSize of(Collection<SamplingEngine.Request> requests) {
        return new CacheSize(
                requests.size(),
                most(requests, SamplingEngine.Request::prefixTokens),
                requests.stream().mapToInt(SamplingEngine.Request::samples).sum(),
                most(requests, SamplingEngine.Request::instructionTokens),
                most(requests, SamplingEngine.Request::mostTokens));
    }

    private static int most(Collection<SamplingEngine.Request> requests, ToIntFunction<SamplingEngine.Request> tokens) {
        return requests.stream().mapToInt(tokens).max().orElse(0);
    }

    long slots() {
        return (long) groups * prefixTokens + (long) samples * (instructionTokens + completionTokens);
    }

    /** What holds both side by side. */
    CacheSize plus(CacheSize more) {
        CacheSize either = cover(more);
        return new CacheSize(
                groups + more.groups,
                either.prefixTokens,
                samples + more.samples,
                either.instructionTokens,
                either.completionTokens);
    }

    /** What holds either. */
    CacheSize cover(CacheSize other) {
        return new CacheSize(
                Math.max(groups, other.groups),
                Math.max(prefixTokens, other.prefixTokens),
                Math.max(samples, other.samples),
                Math.max(instructionTokens, other.instructionTokens),
                Math.max(completionTokens, other.completionTokens));
    }

    boolean covers(CacheSize other) {
        return equals(cover(other));
    }

    /** With room to grow, so that a batch that grows moves seldom. */
    CacheSize roomy() {
        return new CacheSize(
                groups + groups / 2,
                stepped(prefixTokens),
                samples + samples / 2,
                stepped(instructionTokens),
                stepped(completionTokens));
    }

    private static int stepped(int tokens) {
        return (tokens + TOKEN_STEP - 1) / TOKEN_STEP * TOKEN_STEP;
    }
}
