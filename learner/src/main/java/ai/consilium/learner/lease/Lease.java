package ai.consilium.learner.lease;

import java.time.Duration;

/** The right to train a policy, until it is lost; it does not come back. Thread-safe. */
public final class Lease {
    private boolean lost;
    private boolean used;

    Lease() {}

    /** Whether it still holds. */
    public synchronized boolean held() {
        return !lost;
    }

    /** Waits for its loss. @return whether it is lost */
    public synchronized boolean awaitLoss(Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!lost && System.nanoTime() < end) {
            wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
        }
        return lost;
    }

    /** Training begins under it. @return false when it is lost already */
    public synchronized boolean begin() {
        used = !lost;
        return used;
    }

    /** Training under it is over. */
    public synchronized void end() {
        used = false;
        notifyAll();
    }

    synchronized void lose() {
        lost = true;
        notifyAll();
    }

    /** Waits until nobody trains under it, so that whoever comes next need not fence. */
    synchronized void awaitEnd(Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (used && System.nanoTime() < end) {
            wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
        }
    }
}
