package ai.consilium.policy.training;

import ai.consilium.policy.torch.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Adds up what policy_loss.py says of the parts of a batch, and names the means as verl and TRL do. */
final class PolicyLossMetrics {
    /** Places of policy_sums. */
    private static final int POLICY = 6;

    /** Places of mismatch_sums; behind them are two maxima. */
    private static final int MISMATCH = 12;

    /** Figures of a part, all together. */
    static final int FIGURES = POLICY + MISMATCH + 2;

    private static final int REJECTED = 8;

    private final PolicyLoss.Totals totals;
    private final PartSums policy = new PartSums(POLICY, 0);
    private final PartSums mismatch = new PartSums(MISMATCH, 2);

    PolicyLossMetrics(PolicyLoss.Totals totals) {
        this.totals = totals;
    }

    void policy(int part, Tensor sums) {
        policy.add(part, sums.floats());
    }

    void mismatch(int part, Tensor sums) {
        mismatch.add(part, sums.floats());
    }

    /** A part's own, for {@link #received}. */
    double[] of(int part) {
        return Stream.of(policy, mismatch)
                .flatMapToDouble(sums -> Arrays.stream(sums.of(part)))
                .toArray();
    }

    /** A part whose passes were elsewhere. @throws IllegalArgumentException when these are not figures of a part */
    void received(int part, double[] sums) {
        if (sums.length != POLICY + MISMATCH + 2) {
            throw new IllegalArgumentException(
                    "a part has " + (POLICY + MISMATCH + 2) + " figures, not " + sums.length);
        }
        policy.put(part, Arrays.copyOf(sums, POLICY));
        mismatch.put(part, Arrays.copyOfRange(sums, POLICY, sums.length));
    }

    /** Tokens of the batch that the correction did not reject, after one pass over it. */
    double keptTokens() {
        return totals.tokens() - mismatch.total()[REJECTED];
    }

    /**
     * Means over the batch's tokens and passes.
     *
     * @param passes over the batch
     */
    Map<String, Double> figures(int passes) {
        double tokens = Math.max(1, totals.tokens());
        double[] policy = this.policy.total();
        double[] mismatch = this.mismatch.total();
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("pg_loss", policy[0] / passes);
        figures.put("kl", policy[1] / tokens / passes);
        figures.put("entropy", policy[2] / tokens / passes);
        figures.put("clip_ratio/low_mean", policy[3] / tokens / passes);
        figures.put("clip_ratio/high_mean", policy[4] / tokens / passes);
        figures.put("ppo_kl", policy[5] / tokens / passes);
        figures.put("rollout_corr/kl", mismatch[0] / tokens);
        figures.put("rollout_corr/k3_kl", mismatch[1] / tokens);
        figures.put("rollout_corr/rollout_is_mean", mismatch[2] / tokens);
        figures.put("rollout_corr/chi2_token", mismatch[3] / tokens);
        figures.put("rollout_corr/rollout_is_ratio_fraction_high", mismatch[4] / tokens);
        figures.put("rollout_corr/rollout_is_ratio_fraction_low", mismatch[5] / tokens);
        figures.put(
                "rollout_corr/rollout_is_eff_sample_size",
                mismatch[7] == 0 ? (totals.tokens() == 0 ? 1 : 0) : mismatch[6] * mismatch[6] / mismatch[7] / tokens);
        figures.put("rollout_corr/rollout_rs_masked_fraction", mismatch[REJECTED] / tokens);
        figures.put("max_dlogp", mismatch[MISMATCH]);
        double onPolicy = mismatch[9];
        figures.put("on_policy/token_fraction", onPolicy / tokens);
        if (onPolicy > 0) {
            figures.put("on_policy/max_dlogp", mismatch[MISMATCH + 1]);
            figures.put("on_policy/mean_dlogp", mismatch[10] / onPolicy);
            figures.put("on_policy/k3_kl", mismatch[11] / onPolicy);
        }
        figures.put("tokens", (double) totals.tokens());
        return figures;
    }
}
