package ai.consilium.policy.compute;

import java.time.Duration;

/**
 * Tells a slow operation from one that hangs. A long prompt or a large part of a step may take minutes on a slow machine, and
 * nothing comes of it before its end; but it takes processor time, which one that hangs does not.
 */
public final class SignsOfLife {
    /** Longer without a result is no sign of life, whatever it costs: something turns in circles. */
    static final Duration LONGEST = Duration.ofMinutes(10);

    private static final Duration LEAST = Duration.ofMillis(50);

    private long results;
    private Duration effort = Duration.ZERO;
    private long resultNanos = System.nanoTime();

    /**
     * Whether there was progress since the last call.
     *
     * @param results how many there are so far
     * @param effort processor time so far ({@link Compute#effort()})
     */
    public boolean seen(long results, Duration effort) {
        return seen(results, effort, System.nanoTime());
    }

    boolean seen(long results, Duration effort, long nowNanos) {
        if (results != this.results) {
            this.results = results;
            this.effort = effort;
            resultNanos = nowNanos;
            return true;
        }
        boolean working = effort.minus(this.effort).compareTo(LEAST) >= 0;
        if (working) {
            this.effort = effort;
        }
        return working && nowNanos - resultNanos < LONGEST.toNanos();
    }
}
