package ai.consilium.merger.gate;

import ai.consilium.cases.format.Case;
import ai.consilium.evaluation.BatchedEvaluation;
import ai.consilium.policy.adapter.Adapter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Examines agents on the validation cases. */
@FunctionalInterface
public interface Validation {
    /**
     * Marks of an agent, or of several that each answer their own specialty.
     *
     * @param agents by specialty
     */
    Marks of(Function<String, Adapter> agents) throws InterruptedException;

    /** The same. @param progress is told now and then, from any thread */
    default Marks of(Function<String, Adapter> agents, Runnable progress) throws InterruptedException {
        return of(agents);
    }

    /** Marks of one agent in all specialties. */
    default Marks of(Adapter agent) throws InterruptedException {
        return of(specialty -> agent);
    }

    /** Greedy answers to the validation file's cases of the specialties. */
    static Validation over(MergerInputs inputs, List<String> specialties) {
        return new Validation() {
            @Override
            public Marks of(Function<String, Adapter> agents) throws InterruptedException {
                return of(agents, () -> {});
            }

            @Override
            public Marks of(Function<String, Adapter> agents, Runnable progress) throws InterruptedException {
                Map<String, List<Case>> cases = new TreeMap<>();
                for (Case one : inputs.cases().file(inputs.validationFile()).cases()) {
                    if (specialties.contains(one.specialty())) {
                        cases.computeIfAbsent(one.specialty(), none -> new ArrayList<>())
                                .add(one);
                    }
                }
                return new Marks(new BatchedEvaluation(
                                inputs.evaluator(), inputs.compute().partsAtOnce())
                        .evaluate(inputs.validationFile(), cases, agents::apply, progress));
            }
        };
    }
}
