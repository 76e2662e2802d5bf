package ai.consilium.policy.compute;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Numbered pieces of one piece of work, which threads share: each that is free takes the next one. Which thread does which is chance;
 * whoever needs an order keeps it by the numbers.
 */
final class SharedWork {
    private final Compute compute;
    private final int pieces;
    private final Compute.Piece piece;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger left;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final CountDownLatch over = new CountDownLatch(1);

    SharedWork(Compute compute, int pieces, Compute.Piece piece) {
        this.compute = compute;
        this.pieces = pieces;
        this.piece = piece;
        this.left = new AtomicInteger(pieces);
    }

    /** Waits for all of them, or for the first failure; then nothing of it runs any more. */
    void run(Compute.Urgency urgency, int atOnce, Runnable waiting, long everyMillis) throws InterruptedException {
        if (pieces == 0) {
            return;
        }
        int count = Math.min(atOnce, pieces);
        AtomicInteger running = new AtomicInteger(count);
        Runnable ended = () -> {
            // Without a piece left or a failure they were abandoned: the threads are closed.
            if (running.decrementAndGet() == 0) {
                over.countDown();
            }
        };
        List<Compute.Pending<Boolean>> lanes = IntStream.range(0, count)
                .mapToObj(i -> compute.submit(urgency, this::lane, ended))
                .toList();
        try {
            while (!over.await(everyMillis, TimeUnit.MILLISECONDS)) {
                waiting.run();
            }
        } finally {
            // One that has not begun finds nothing left; the others are done, or have nobody to work for.
            lanes.forEach(Compute.Pending::withdraw);
        }
        Throwable failed = failure.get();
        if (failed != null) {
            throw Job.unchanged(failed);
        }
        if (left.get() > 0) {
            lanes.get(0).result();
        }
    }

    private boolean lane() throws InterruptedException {
        try {
            int number = next.getAndIncrement();
            while (number < pieces && failure.get() == null) {
                piece.run(number);
                if (left.decrementAndGet() == 0) {
                    over.countDown();
                }
                number = next.getAndIncrement();
            }
            return true;
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
            over.countDown();
            throw e;
        }
    }
}
