package ai.consilium.cli;

import ai.consilium.cases.CaseFile;
import ai.consilium.learner.DomainAdaptation;
import ai.consilium.policy.Adapter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The control of {@code --control}: the supervised start goes on for as long again as reinforcement took, all
 * specialties side by side as then, so that what reinforcement adds is not merely time.
 */
final class LongerAdaptation {
    private LongerAdaptation() {}

    /**
     * Trains.
     *
     * @param seconds wall-clock budget, the same that reinforcement had
     */
    static Map<String, Adapter> run(ConsiliumConfig config, Tensors tensors, CaseFile train, double seconds)
            throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(config.specialties().size());
        try {
            Map<String, Future<Adapter>> pending = new LinkedHashMap<>();
            for (String specialty : config.specialties()) {
                pending.put(specialty, pool.submit(() -> adapt(config, tensors, train, specialty, seconds)));
            }
            Map<String, Adapter> adapters = new LinkedHashMap<>();
            for (var entry : pending.entrySet()) {
                adapters.put(entry.getKey(), entry.getValue().get());
            }
            return adapters;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the control failed: " + e.getCause(), e);
        } finally {
            pool.shutdownNow();
        }
    }

    private static Adapter adapt(
            ConsiliumConfig config, Tensors tensors, CaseFile train, String specialty, double seconds)
            throws InterruptedException {
        try (DomainAdaptation adaptation = new DomainAdaptation(
                tensors.model(),
                tensors.compute(),
                tensors.encoder(),
                ConsiliumConfig.TRAIN_FILE,
                train,
                specialty,
                config.learner(),
                config.seed())) {
            adaptation.run((share, figures) -> true);
            long start = System.nanoTime();
            return adaptation
                    .continueUntil(() -> (System.nanoTime() - start) / 1e9 / seconds, (share, figures) -> true)
                    .orElseThrow();
        }
    }
}
