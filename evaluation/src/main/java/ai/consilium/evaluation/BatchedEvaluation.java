package ai.consilium.evaluation;

import ai.consilium.cases.format.Case;
import ai.consilium.evaluation.Evaluator.Verdict;
import ai.consilium.policy.adapter.Adapter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts cases before policies in batches, several at once: what comes of it does not depend on how many, but cores are used and
 * memory is taken by it.
 *
 * @param evaluator over the model
 * @param atOnce batches that are evaluated at the same time
 */
public record BatchedEvaluation(Evaluator evaluator, int atOnce) {
    /**
     * Judges the answers to cases of one file.
     *
     * @param cases by specialty
     * @param adapters by specialty; null is the base
     * @return verdicts by specialty, in the order of the cases
     * @throws IllegalStateException when a batch could not be evaluated
     */
    public Map<String, List<Verdict>> evaluate(
            String file, Map<String, List<Case>> cases, Function<String, @Nullable Adapter> adapters)
            throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(atOnce);
        try {
            Map<String, List<Future<List<Verdict>>>> pending = new LinkedHashMap<>();
            cases.forEach((specialty, own) -> {
                Adapter adapter = adapters.apply(specialty);
                pending.put(
                        specialty,
                        Evaluator.batches(own, 1).stream()
                                .map(batch -> pool.submit(() -> evaluator.evaluate(adapter, file, batch)))
                                .toList());
            });
            Map<String, List<Verdict>> verdicts = new LinkedHashMap<>();
            for (var entry : pending.entrySet()) {
                List<Verdict> own = new ArrayList<>();
                for (Future<List<Verdict>> batch : entry.getValue()) {
                    own.addAll(batch.get());
                }
                verdicts.put(entry.getKey(), own);
            }
            return verdicts;
        } catch (ExecutionException e) {
            throw new IllegalStateException("cases of " + file + " could not be evaluated: " + e.getCause(), e);
        } finally {
            end(pool);
        }
    }

    /** A batch that is given up works on the model until it notices: who asked may close that next. */
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
