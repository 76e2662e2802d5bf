package ai.consilium.cli.train;

import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.learner.context.LearnerInputs;
import ai.consilium.learner.sft.DomainAdaptation;
import ai.consilium.policy.adapter.Adapter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The control of {@code --control}: the supervised start goes on for as long again as reinforcement took, from the same version
 * 0, all specialties side by side as then, so that what reinforcement adds is not merely time.
 */
final class SftControl {
    private SftControl() {}

    /**
     * Trains.
     *
     * @param starts version 0 by specialty
     * @param seconds wall-clock budget, the same that reinforcement had
     */
    static Map<String, Adapter> run(
            ConsiliumConfig config, LearnerInputs inputs, Map<String, Adapter> starts, double seconds)
            throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(starts.size());
        try {
            Map<String, Future<Adapter>> pending = new LinkedHashMap<>();
            starts.forEach((specialty, start) ->
                    pending.put(specialty, pool.submit(() -> adapt(config, inputs, specialty, start, seconds))));
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
            ConsiliumConfig config, LearnerInputs inputs, String specialty, Adapter initial, double seconds)
            throws InterruptedException {
        try (DomainAdaptation adaptation = DomainAdaptation.of(
                inputs, specialty, config.learner(), config.plan().seed(), initial)) {
            long start = System.nanoTime();
            return adaptation
                    .runUntil(() -> (System.nanoTime() - start) / 1e9 / seconds, (share, figures) -> true)
                    .orElseThrow();
        }
    }
}
