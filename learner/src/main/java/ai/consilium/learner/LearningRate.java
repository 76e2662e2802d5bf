package ai.consilium.learner;

/** Linear warm-up, then linear decay. Pure. */
final class LearningRate {
    /**
     * Rate of a step.
     *
     * @param peak largest rate
     * @param step 1 for the first
     * @param steps length of the schedule
     * @param warmup steps until the peak is reached
     * @param finalFraction share of the peak that the decay heads for
     */
    static double at(double peak, double step, double steps, double warmup, double finalFraction) {
        if (step < warmup) {
            return peak * step / warmup;
        }
        double left = Math.max(steps - warmup, 1);
        double decayed = Math.min(1, Math.max(0, step - Math.max(warmup, 1)) / left);
        return peak * (1 - (1 - finalFraction) * decayed);
    }

    private LearningRate() {}
}
