package ai.consilium.merger.gate;

import ai.consilium.cases.format.Case;
import ai.consilium.evaluation.Evaluator;
import ai.consilium.merger.gate.Gate.Accuracy;
import ai.consilium.policy.adapter.Adapter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Judges an agent on the validation cases. */
@FunctionalInterface
public interface Validation {
    /** Accuracy of an agent, by specialty. */
    Accuracy of(Adapter agent) throws InterruptedException;

    /** Greedy answers to the validation file's cases of the specialties. */
    static Validation over(MergerInputs inputs, List<String> specialties) {
        return agent -> {
            Map<String, Double> accuracy = new TreeMap<>();
            for (String specialty : specialties) {
                List<Case> cases = inputs.cases().file(inputs.validationFile()).cases().stream()
                        .filter(of -> of.specialty().equals(specialty))
                        .toList();
                if (!cases.isEmpty()) {
                    List<Evaluator.Verdict> verdicts =
                            inputs.evaluator().evaluate(agent, inputs.validationFile(), cases);
                    long correct =
                            verdicts.stream().filter(Evaluator.Verdict::correct).count();
                    accuracy.put(specialty, (double) correct / verdicts.size());
                }
            }
            return new Accuracy(accuracy);
        };
    }
}
