package ai.consilium.merger.gate;

import ai.consilium.cases.format.Case;
import ai.consilium.evaluation.Evaluator;
import ai.consilium.policy.adapter.Adapter;
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

    /** Marks of one agent in all specialties. */
    default Marks of(Adapter agent) throws InterruptedException {
        return of(specialty -> agent);
    }

    /** Greedy answers to the validation file's cases of the specialties. */
    static Validation over(MergerInputs inputs, List<String> specialties) {
        return agents -> {
            Map<String, List<Evaluator.Verdict>> verdicts = new TreeMap<>();
            for (String specialty : specialties) {
                List<Case> cases = inputs.cases().file(inputs.validationFile()).cases().stream()
                        .filter(of -> of.specialty().equals(specialty))
                        .toList();
                if (!cases.isEmpty()) {
                    verdicts.put(
                            specialty,
                            inputs.evaluator().evaluate(agents.apply(specialty), inputs.validationFile(), cases));
                }
            }
            return new Marks(verdicts);
        };
    }
}
