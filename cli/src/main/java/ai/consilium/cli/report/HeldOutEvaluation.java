package ai.consilium.cli.report;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.evaluation.BatchedEvaluation;
import ai.consilium.evaluation.Evaluator.Verdict;
import ai.consilium.policy.adapter.Adapter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Puts policies before the held-out cases. */
public final class HeldOutEvaluation {
    private final BatchedEvaluation evaluation;
    private final String file;
    private final Map<String, List<Case>> cases = new LinkedHashMap<>();
    private final Map<String, Map<String, List<Verdict>>> rows = new LinkedHashMap<>();

    /** Of no policy yet. */
    public HeldOutEvaluation(BatchedEvaluation evaluation, CaseFile cases, String file, List<String> specialties) {
        this.evaluation = evaluation;
        this.file = file;
        specialties.forEach(specialty -> this.cases.put(specialty, Results.ofSpecialty(cases.cases(), specialty)));
    }

    /**
     * Examines one policy.
     *
     * @param adapters by specialty; null is the base
     */
    public HeldOutEvaluation row(String name, Function<String, @Nullable Adapter> adapters)
            throws InterruptedException {
        rows.put(name, evaluation.evaluate(file, cases, adapters));
        return this;
    }

    /** Of all policies that were examined. */
    public Results results() {
        return new Results(List.copyOf(cases.keySet()), rows);
    }
}
