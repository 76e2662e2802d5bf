package ai.consilium.policy.sampling;

import java.time.Duration;

/**
 * How many tokens are decoded between two looks at who has ended, who waits and what was asked for meanwhile: as many as take little
 * time, so that a large model on few cores still swaps adapters, heeds interrupts and is seen to get on.
 *
 * @param tokenNanos that a token took; 0: not known
 */
record RunLength(long tokenNanos) {
    static final RunLength UNKNOWN = new RunLength(0);

    private static final int MOST = 8;
    private static final long NANOS = Duration.ofSeconds(5).toNanos();

    /** Tokens to decode. @param left of the longest sample, at least 1 */
    int tokens(int left) {
        long affordable = tokenNanos == 0 ? MOST : NANOS / tokenNanos;
        return (int) Math.min(left, Math.max(1, Math.min(MOST, affordable)));
    }

    /** After so many tokens. */
    RunLength after(int tokens, long nanos) {
        return new RunLength(Math.max(1, nanos / tokens));
    }

    /** After prompts were prefilled, which takes no less than a token. */
    RunLength prefilled(long nanos) {
        return tokenNanos == 0 ? new RunLength(Math.max(1, nanos)) : this;
    }
}
