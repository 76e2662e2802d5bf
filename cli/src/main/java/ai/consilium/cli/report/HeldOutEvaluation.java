package ai.consilium.cli.report;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.evaluation.Evaluator;
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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Puts policies before the held-out cases, the specialties side by side on the compute threads. */
public final class HeldOutEvaluation {
    private final Evaluator evaluator;
    private final CaseFile cases;
    private final String file;
    private final List<String> specialties;
    private final int threads;
    private final Map<String, Map<String, List<Verdict>>> rows = new LinkedHashMap<>();

    /** Of no policy yet. @param threads that evaluate beside each other */
    public HeldOutEvaluation(Evaluator evaluator, CaseFile cases, String file, List<String> specialties, int threads) {
        this.evaluator = evaluator;
        this.cases = cases;
        this.file = file;
        this.specialties = specialties;
        this.threads = threads;
    }

    /**
     * Examines one policy.
     *
     * @param adapters by specialty; null is the base
     */
    public HeldOutEvaluation row(String name, Function<String, @Nullable Adapter> adapters)
            throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            Map<String, Future<List<Verdict>>> pending = new LinkedHashMap<>();
            for (String specialty : specialties) {
                List<Case> own = Results.ofSpecialty(cases.cases(), specialty);
                Adapter adapter = adapters.apply(specialty);
                pending.put(
                        specialty,
                        pool.submit(() ->
                                own.isEmpty() ? new ArrayList<Verdict>() : evaluator.evaluate(adapter, file, own)));
            }
            Map<String, List<Verdict>> verdicts = new LinkedHashMap<>();
            for (var entry : pending.entrySet()) {
                verdicts.put(entry.getKey(), entry.getValue().get());
            }
            rows.put(name, verdicts);
            return this;
        } catch (ExecutionException e) {
            throw new IllegalStateException("evaluation of " + name + " failed: " + e.getCause(), e);
        } finally {
            pool.shutdownNow();
        }
    }

    /** Of all policies that were examined. */
    public Results results() {
        return new Results(specialties, rows);
    }
}
