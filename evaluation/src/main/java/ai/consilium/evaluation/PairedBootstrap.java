package ai.consilium.evaluation;

import ai.consilium.evaluation.Evaluator.Verdict;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * Whether one row of a table beats another: the mean difference of accuracy over the same cases and seeds, with a
 * percentile interval (Efron 1979). Where all seeds judge the same cases, seeds and cases are resampled independently
 * (the pigeonhole bootstrap of Owen, 0712.1111), because a hard case is hard for every seed; otherwise cases are
 * resampled within each seed.
 *
 * @param resamples number of resamples, at least 100
 * @param seed of the resampling: the same input gives the same interval
 */
public record PairedBootstrap(int resamples, long seed) {
    /** Checks the number of resamples. */
    public PairedBootstrap {
        if (resamples < 100) {
            throw new IllegalArgumentException("an interval needs at least 100 resamples, not " + resamples);
        }
    }

    /** {@link #compare(List, List)} for a single seed. */
    public Interval compareOne(List<Verdict> treatment, List<Verdict> control) {
        return compare(List.of(treatment), List.of(control));
    }

    /**
     * Mean of the treatment minus mean of the control.
     *
     * @param treatment a figure a case, such as its share of right samples
     * @param control the same cases in the same order
     * @throws IllegalArgumentException when the two do not pair, or are empty
     */
    public Interval compareMeans(double[] treatment, double[] control) {
        if (treatment.length == 0 || treatment.length != control.length) {
            throw new IllegalArgumentException(
                    treatment.length + " cases cannot be paired with " + control.length + " cases");
        }
        double[] differences = new double[treatment.length];
        Arrays.setAll(differences, c -> treatment[c] - control[c]);
        return resample(new double[][] {differences}, true);
    }

    /**
     * Mean of figures with an interval over seeds and, within each, over its figures.
     *
     * @param bySeed figures, such as scores or differences of scores; they need not be of the same cases
     * @throws IllegalArgumentException when a seed has none, or there is no seed
     */
    public Interval mean(List<double[]> bySeed) {
        if (bySeed.isEmpty() || bySeed.stream().anyMatch(figures -> figures.length == 0)) {
            throw new IllegalArgumentException("there is no mean without figures");
        }
        return resample(bySeed.toArray(double[][]::new), false);
    }

    /**
     * Mean of the strata's means, with an interval over the figures of each stratum: every stratum keeps its size.
     *
     * @param strata figures, such as scores or differences of scores; where a stratum is the cases with one right answer, the
     *     mean is balanced accuracy, or a difference of it
     * @throws IllegalArgumentException when a stratum has none, or there is no stratum
     */
    public Interval meanOfMeans(List<double[]> strata) {
        if (strata.isEmpty() || strata.stream().anyMatch(figures -> figures.length == 0)) {
            throw new IllegalArgumentException("there is no mean without figures");
        }
        SplittableRandom random = new SplittableRandom(seed);
        double[] means = new double[resamples];
        Arrays.setAll(means, i -> meanOf(strata, figures -> resampledMean(figures, random)));
        double estimate =
                meanOf(strata, figures -> Arrays.stream(figures).average().orElseThrow());
        return between(estimate, means);
    }

    private static double meanOf(List<double[]> strata, ToDoubleFunction<double[]> mean) {
        return strata.stream().mapToDouble(mean).average().orElseThrow();
    }

    private static double resampledMean(double[] figures, SplittableRandom random) {
        double sum = 0;
        for (int i = 0; i < figures.length; i++) {
            sum += figures[random.nextInt(figures.length)];
        }
        return sum / figures.length;
    }

    /**
     * Accuracy of the treatment minus accuracy of the control.
     *
     * @param treatment verdicts by seed, then case
     * @param control the same seeds and cases in the same order
     * @throws IllegalArgumentException when the two do not pair, or are empty
     */
    public Interval compare(List<List<Verdict>> treatment, List<List<Verdict>> control) {
        double[][] differences = differences(treatment, control);
        boolean crossed =
                treatment.stream().map(PairedBootstrap::ids).distinct().count() == 1;
        return resample(differences, crossed);
    }

    /** @param crossed whether all seeds judge the same cases */
    private Interval resample(double[][] differences, boolean crossed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] means = new double[resamples];
        for (int i = 0; i < resamples; i++) {
            means[i] = crossed ? crossedMean(differences, random) : nestedMean(differences, random);
        }
        return between(mean(differences), means);
    }

    private static Interval between(double estimate, double[] means) {
        Arrays.sort(means);
        return new Interval(estimate, quantile(means, .025), quantile(means, .975));
    }

    private static double[][] differences(List<List<Verdict>> treatment, List<List<Verdict>> control) {
        if (treatment.isEmpty() || treatment.size() != control.size()) {
            throw new IllegalArgumentException(
                    treatment.size() + " seeds cannot be paired with " + control.size() + " seeds");
        }
        double[][] differences = new double[treatment.size()][];
        for (int s = 0; s < differences.length; s++) {
            List<Verdict> left = treatment.get(s);
            List<Verdict> right = control.get(s);
            if (left.isEmpty() || !ids(left).equals(ids(right))) {
                throw new IllegalArgumentException("seed number " + s + " does not judge the same cases on both sides");
            }
            differences[s] = new double[left.size()];
            for (int c = 0; c < left.size(); c++) {
                differences[s][c] = point(left.get(c)) - point(right.get(c));
            }
        }
        return differences;
    }

    private static List<String> ids(List<Verdict> verdicts) {
        return verdicts.stream().map(Verdict::id).toList();
    }

    private static int point(Verdict verdict) {
        return verdict.correct() ? 1 : 0;
    }

    private static double mean(double[][] differences) {
        return Arrays.stream(differences)
                .flatMapToDouble(Arrays::stream)
                .average()
                .orElseThrow();
    }

    private static double crossedMean(double[][] differences, SplittableRandom random) {
        int cases = differences[0].length;
        int[] drawn = random.ints(cases, 0, cases).toArray();
        double sum = 0;
        for (int s = 0; s < differences.length; s++) {
            double[] row = differences[random.nextInt(differences.length)];
            for (int c : drawn) {
                sum += row[c];
            }
        }
        return sum / ((double) differences.length * cases);
    }

    private static double nestedMean(double[][] differences, SplittableRandom random) {
        double sum = 0;
        long n = 0;
        for (int s = 0; s < differences.length; s++) {
            double[] row = differences[random.nextInt(differences.length)];
            for (int c = 0; c < row.length; c++) {
                sum += row[random.nextInt(row.length)];
            }
            n += row.length;
        }
        return sum / n;
    }

    /** Linear interpolation between order statistics. */
    private static double quantile(double[] sorted, double q) {
        double at = q * (sorted.length - 1);
        int below = (int) Math.floor(at);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
