package ai.consilium.evaluation;

import ai.consilium.cases.format.Case;
import ai.consilium.evaluation.Evaluator.Verdict;
import ai.consilium.policy.adapter.Adapter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
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
    /** Verdicts of one batch. */
    private record Judged(String specialty, List<Verdict> verdicts) {}

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
        return evaluate(file, cases, adapters, () -> {});
    }

    /** The same. @param progress is told of every batch that is done, by the thread that did it */
    public Map<String, List<Verdict>> evaluate(
            String file, Map<String, List<Case>> cases, Function<String, @Nullable Adapter> adapters, Runnable progress)
            throws InterruptedException {
        Map<String, List<Verdict>> verdicts = new LinkedHashMap<>();
        List<Callable<Judged>> batches = new ArrayList<>();
        cases.forEach((specialty, own) -> {
            verdicts.put(specialty, new ArrayList<>());
            Adapter adapter = adapters.apply(specialty);
            for (List<Case> batch : Evaluator.batches(own, 1)) {
                batches.add(() -> {
                    Judged judged = new Judged(specialty, evaluator.evaluate(adapter, file, batch));
                    progress.run();
                    return judged;
                });
            }
        });
        try {
            Concurrently.run(atOnce, batches)
                    .forEach(judged -> Objects.requireNonNull(verdicts.get(judged.specialty()))
                            .addAll(judged.verdicts()));
            return verdicts;
        } catch (ExecutionException e) {
            throw new IllegalStateException("cases of " + file + " could not be evaluated: " + e.getCause(), e);
        }
    }
}
