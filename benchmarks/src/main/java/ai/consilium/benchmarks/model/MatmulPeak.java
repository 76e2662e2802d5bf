package ai.consilium.benchmarks.model;

import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/** What the compute threads multiply at best, all at once: matrices of 1024 x 1024. */
public final class MatmulPeak {
    private static final int SIZE = 1024;
    private static final int TIMES = 4;
    private static final int TRIES = 6;
    private static final Duration ENOUGH = Duration.ofSeconds(1);

    private MatmulPeak() {}

    /**
     * Measures for about a second, or for one multiplication where that takes longer: bfloat16 on a processor without
     * instructions for it.
     *
     * @return floating-point operations a second, the best of some tries
     */
    public static double measure(Compute compute, Precision precision) throws InterruptedException {
        double best = 0;
        long begin = System.nanoTime();
        try (Scope scope = Scope.open()) {
            Script script = Script.load(scope, List.of("matmul.py"), new TreeMap<>());
            for (int i = 0; i == 0 || i <= TRIES && System.nanoTime() - begin < ENOUGH.toNanos(); i++) {
                int times = i == 0 ? 1 : TIMES;
                long start = System.nanoTime();
                Callable<Double> job = () -> {
                    try (Scope step = Scope.open()) {
                        script.call(step, "square", step.floats(new float[1], 1), SIZE, precision.dtype(), times);
                        return 0.0;
                    }
                };
                compute.callAll(Compute.Urgency.TRAIN, Collections.nCopies(compute.threads(), job));
                double flops = 2.0 * SIZE * SIZE * SIZE * times * compute.threads();
                best = Math.max(best, flops / (System.nanoTime() - start) * 1e9);
            }
        }
        return best;
    }
}
