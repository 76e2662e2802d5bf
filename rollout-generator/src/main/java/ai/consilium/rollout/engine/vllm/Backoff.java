package ai.consilium.rollout.engine.vllm;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Waits that double with each failure, up to a limit, and are drawn from their upper half so that servers are not asked in step. */
final class Backoff {
    private static final long FIRST_MS = 500;
    private static final long LONGEST_MS = 15_000;

    private final AtomicInteger failures = new AtomicInteger();

    /** What to wait after one more failure. */
    Duration next() {
        int before = Math.min(failures.getAndIncrement(), 20);
        long longest = Math.min(LONGEST_MS, FIRST_MS << before);
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(longest / 2, longest + 1));
    }

    /** It works again. */
    void reset() {
        failures.set(0);
    }
}
