package ai.consilium.pretraining;

/**
 * How the tiny model is made. The defaults of {@link #standard} made models/tiny.
 *
 * @param seed of weights and items
 * @param steps optimiser steps of the long course
 * @param finishingSteps optimiser steps of the short course at the end
 * @param batchSize items a step
 * @param learningRate peak, after the warm-up
 */
public record PretrainingSettings(long seed, int steps, int finishingSteps, int batchSize, double learningRate) {
    private static final double WARM_UP_STEPS = 100;
    private static final double CONSTANT_FRACTION = 0.3;
    private static final double FLOOR = 0.03;

    /** Refuses what cannot train. */
    public PretrainingSettings {
        if (steps < 1 || finishingSteps < 1 || batchSize < 1 || !(learningRate > 0)) {
            throw new IllegalArgumentException("steps, batch size and learning rate must be positive");
        }
    }

    /** What models/tiny was made with. */
    public static PretrainingSettings standard(long seed) {
        return new PretrainingSettings(seed, 4000, 300, 64, 2e-3);
    }

    /** Learning rate of a step (0-based) of the long course: linear warm-up, constant, then a cosine down to a floor. */
    double learningRateAt(int step) {
        double warm = Math.min(1, (step + 1) / WARM_UP_STEPS);
        double done = step / (double) steps;
        double decayed = (done - CONSTANT_FRACTION) / (1 - CONSTANT_FRACTION);
        double decay = decayed < 0 ? 1 : FLOOR + (1 - FLOOR) * 0.5 * (1 + Math.cos(Math.PI * decayed));
        return learningRate * warm * decay;
    }

    /** Learning rate of a step (0-based) of the short course: a fifth of the peak, falling linearly to 0. */
    double finishingRateAt(int step) {
        return 0.2 * learningRate * (1 - step / (double) finishingSteps);
    }
}
