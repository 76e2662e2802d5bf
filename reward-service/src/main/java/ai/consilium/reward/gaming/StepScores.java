package ai.consilium.reward.gaming;

/**
 * Sums over the trajectories of one policy version, each scored by what is trained on and by a shadow.
 *
 * @param count trajectories
 * @param trained sum of the means of their active guidelines
 * @param trainedSquares sum of the squares of these
 * @param shadow sum of the shadow's scores
 * @param shadowSquares sum of the squares of these
 */
record StepScores(long count, double trained, double trainedSquares, double shadow, double shadowSquares) {
    static final StepScores NONE = new StepScores(0, 0, 0, 0, 0);

    /** With one more trajectory. */
    StepScores plus(double trainedScore, double shadowScore) {
        return plus(
                new StepScores(1, trainedScore, trainedScore * trainedScore, shadowScore, shadowScore * shadowScore));
    }

    StepScores plus(StepScores other) {
        return new StepScores(
                count + other.count,
                trained + other.trained,
                trainedSquares + other.trainedSquares,
                shadow + other.shadow,
                shadowSquares + other.shadowSquares);
    }

    double trainedMean() {
        return trained / count;
    }

    double shadowMean() {
        return shadow / count;
    }

    /** Variance of the trained mean. */
    double trainedVariance() {
        return variance(trained, trainedSquares);
    }

    /** Variance of the shadow's mean. */
    double shadowVariance() {
        return variance(shadow, shadowSquares);
    }

    private double variance(double sum, double squares) {
        return Math.max(0, squares / count - (sum / count) * (sum / count)) / count;
    }
}
