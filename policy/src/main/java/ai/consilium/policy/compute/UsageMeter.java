package ai.consilium.policy.compute;

import java.time.Duration;

/** Adds up how long threads were busy since the first job after a reset. */
final class UsageMeter {
    private boolean counting;
    private long firstNanos;
    private long busyNanos;
    private int running;
    private long changedNanos;

    synchronized void begin() {
        if (!counting) {
            counting = true;
            firstNanos = System.nanoTime();
            changedNanos = firstNanos;
            busyNanos = 0;
        }
        advance();
        running++;
    }

    synchronized void end() {
        advance();
        running--;
    }

    private void advance() {
        long now = System.nanoTime();
        busyNanos += running * (now - changedNanos);
        changedNanos = now;
    }

    /** Jobs that run now count from the next begin on. */
    synchronized void reset() {
        counting = false;
    }

    synchronized Compute.Usage usage(int threads) {
        if (!counting) {
            return new Compute.Usage(Duration.ZERO, Duration.ZERO, Duration.ZERO, threads);
        }
        advance();
        long wall = changedNanos - firstNanos;
        return new Compute.Usage(
                Duration.ofNanos(wall),
                Duration.ofNanos(busyNanos),
                Duration.ofNanos(threads * wall - busyNanos),
                threads);
    }
}
