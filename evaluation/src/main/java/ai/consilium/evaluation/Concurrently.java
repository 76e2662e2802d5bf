package ai.consilium.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Pieces of work over one model, several at once. */
public final class Concurrently {
    private Concurrently() {}

    /**
     * Does all of it. When this returns, or throws, nothing of it runs any more: who asked may close the model next.
     *
     * @param atOnce pieces at the same time
     * @return results in the order of the pieces
     * @throws ExecutionException when a piece failed; the others are given up
     */
    public static <T> List<T> run(int atOnce, List<Callable<T>> pieces)
            throws InterruptedException, ExecutionException {
        ExecutorService pool = Executors.newFixedThreadPool(atOnce);
        try {
            List<Future<T>> pending = pieces.stream().map(pool::submit).toList();
            List<T> results = new ArrayList<>();
            for (Future<T> piece : pending) {
                results.add(piece.get());
            }
            return results;
        } finally {
            end(pool);
        }
    }

    private static void end(ExecutorService pool) {
        pool.shutdownNow();
        boolean interrupted = Thread.interrupted();
        boolean ended = false;
        while (!ended) {
            try {
                ended = pool.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
