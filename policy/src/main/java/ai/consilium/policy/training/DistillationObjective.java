package ai.consilium.policy.training;

import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** A {@link Distillation} over one batch; sums up figures on the way. Compute threads ask it, each of parts of its own. */
final class DistillationObjective {
    /** Places of distillation_sums; behind them are two maxima. */
    private static final int SUMS = 6;

    private final Script script;
    private final Distillation distillation;
    private final double tokens;
    private final PartSums sums = new PartSums(SUMS, 2);

    /** @param tokens of the whole batch */
    DistillationObjective(Script script, Distillation distillation, double tokens) {
        this.script = script;
        this.distillation = distillation;
        this.tokens = tokens;
    }

    /**
     * A share of the batch's loss: of a part, or of some of its tokens.
     *
     * @param part which one, from 0
     * @param policy log-probabilities [M, ids]
     * @param teacher likewise
     */
    Tensor of(int part, Tensor policy, Tensor teacher, LossBatch batch, Scope scope) {
        int count = batch.at().length;
        Tensor targets = scope.longs(batch.targets(), count);
        Tensor behaviour = scope.floats(batch.behaviour(), count);
        Tensor onPolicy = scope.floats(batch.onPolicy(), count);
        sums.add(
                part,
                one(scope, "distillation_sums", policy, teacher, targets, behaviour, onPolicy)
                        .floats());
        Tensor losses = switch (distillation.divergence()) {
            case FULL -> one(scope, "reverse_kl", policy, teacher);
            case SAMPLED ->
                one(
                        scope,
                        "sampled_kl",
                        one(scope, "chosen", policy, targets),
                        one(scope, "chosen", teacher, targets),
                        behaviour,
                        distillation.cap());
        };
        return one(scope, "mean_over", losses, tokens);
    }

    /** Means over the batch's tokens. */
    Map<String, Double> figures() {
        double[] sums = this.sums.total();
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("distill/kl", sums[0] / tokens);
        figures.put("entropy", sums[1] / tokens);
        figures.put("distill/agreement", sums[2] / tokens);
        figures.put("max_dlogp", sums[SUMS]);
        figures.put("on_policy/token_fraction", sums[3] / tokens);
        if (sums[3] > 0) {
            figures.put("on_policy/max_dlogp", sums[SUMS + 1]);
            figures.put("on_policy/mean_dlogp", sums[4] / sums[3]);
            figures.put("on_policy/k3_kl", sums[5] / sums[3]);
        }
        figures.put("tokens", tokens);
        return figures;
    }

    private Tensor one(Scope scope, String method, Object... arguments) {
        return script.call(scope, method, arguments).get(0);
    }
}
