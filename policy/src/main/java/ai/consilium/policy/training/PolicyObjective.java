package ai.consilium.policy.training;

import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import ai.consilium.policy.training.ActivationCheckpointing.Part;
import ai.consilium.policy.training.PolicyLoss.Correction;
import ai.consilium.policy.training.PolicyLoss.Surrogate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A {@link PolicyLoss} over one batch, which may be gone through several times: the first pass is the proximal policy, and its
 * log-probabilities are kept for the later ones. Sums up figures on the way. Compute threads ask it, each of parts of its own.
 */
final class PolicyObjective implements GradientAccumulator.Objective {
    private final Script script;
    private final PolicyLoss loss;
    private final PolicyLoss.Totals totals;
    private final @Nullable GradientAccumulator reference;
    private final Map<Integer, float[]> anchors = new ConcurrentHashMap<>();
    private final Map<Integer, float[]> proximal = new ConcurrentHashMap<>();
    private final PolicyLossMetrics sums;

    /** @param reference what the distance is to that is penalised; none without a penalty */
    PolicyObjective(Script script, PolicyLoss loss, PolicyLoss.Totals totals, @Nullable GradientAccumulator reference) {
        this.script = script;
        this.loss = loss;
        this.totals = totals;
        this.reference = reference;
        this.sums = new PolicyLossMetrics(totals);
    }

    /** What the surrogate gives a part: losses, and what was clipped low and high. */
    private record Losses(Tensor perToken, Tensor low, Tensor high) {}

    /** Weights that are applied and tokens that are kept, weights to show, and the ratios that they come from. */
    private record Weights(Tensor applied, Tensor kept, Tensor shown, Tensor ratio) {}

    @Override
    public void prepare(int number, Part part) throws InterruptedException {
        if (reference != null && !anchors.containsKey(number)) {
            anchor(number, reference.logprobs(part));
        }
    }

    /** Log-probabilities of a part's tokens by the reference. */
    void anchor(int part, float[] logprobs) {
        anchors.put(part, logprobs);
    }

    @Override
    public void received(int part, double[] sums) {
        this.sums.received(part, sums);
    }

    @Override
    public Tensor of(int part, List<Tensor> logprobs, LossBatch batch, Scope scope) {
        Tensor logp = logprobs.get(0);
        Tensor behaviour = vector(scope, batch.behaviour());
        boolean first = !proximal.containsKey(part);
        Tensor before = vector(scope, proximal.computeIfAbsent(part, number -> logp.floats()));
        Tensor advantage = vector(scope, batch.advantage());
        Tensor share = vector(scope, batch.shares(loss.averaging(), totals));
        Weights weights = weights(before, behaviour, batch, scope);
        Tensor old = loss.correction() instanceof Correction.Bypass ? behaviour : before;
        Losses losses = losses(logp, old, advantage, weights.kept(), batch, scope);
        float[] anchor = anchors.get(part);
        Tensor kl = anchor == null
                ? vector(scope, new float[batch.at().length])
                : one(scope, "k3", logp, vector(scope, anchor));
        if (first) {
            sums.mismatch(
                    part,
                    one(
                            scope,
                            "mismatch_sums",
                            before,
                            behaviour,
                            weights.ratio(),
                            weights.shown(),
                            weights.kept(),
                            vector(scope, batch.onPolicy()),
                            loss.correction().bounds().low(),
                            loss.correction().bounds().cap()));
        }
        sums.policy(
                part,
                one(
                        scope,
                        "policy_sums",
                        losses.perToken(),
                        weights.applied(),
                        weights.kept(),
                        share,
                        kl,
                        logprobs.get(1),
                        losses.low(),
                        losses.high(),
                        logp,
                        old));
        return one(scope, "total", losses.perToken(), weights.applied(), weights.kept(), kl, loss.klCoef(), share);
    }

    private Losses losses(Tensor logp, Tensor old, Tensor advantage, Tensor kept, LossBatch batch, Scope scope) {
        List<Tensor> result;
        if (loss.surrogate() instanceof Surrogate.SequenceClip clip) {
            Tensor sequence = scope.longs(batch.sequence(), batch.sequence().length);
            Tensor ratio = one(scope, "sequence_ratio", logp, old, kept, sequence, batch.lengths().length);
            result = script.call(scope, "clipped", ratio, advantage, clip.low(), clip.high());
        } else {
            Tensor ratio = one(scope, "token_ratio", logp, old);
            result = loss.surrogate() instanceof Surrogate.TokenClip clip
                    ? script.call(scope, "clipped", ratio, advantage, clip.low(), clip.high())
                    : script.call(
                            scope,
                            "cispo",
                            logp,
                            ratio,
                            advantage,
                            ((Surrogate.WeightedLogprob) loss.surrogate()).highest());
        }
        return new Losses(result.get(0), result.get(1), result.get(2));
    }

    private Weights weights(Tensor before, Tensor behaviour, LossBatch batch, Scope scope) {
        Correction correction = loss.correction();
        PolicyLoss.Bounds bounds = correction.bounds();
        float[] ones = new float[Math.toIntExact(before.size())];
        Arrays.fill(ones, 1);
        Tensor all = vector(scope, ones);
        Tensor sequence = scope.longs(batch.sequence(), batch.sequence().length);
        int sequences = batch.lengths().length;
        Tensor ratio = switch (bounds.level()) {
            case TOKEN -> one(scope, "token_ratio", before, behaviour);
            case SEQUENCE -> one(scope, "product_ratio", before, behaviour, sequence, sequences);
            case GEOMETRIC -> one(scope, "sequence_ratio", before, behaviour, all, sequence, sequences);
        };
        boolean rejects = correction instanceof Correction.Mask;
        if (rejects || correction instanceof Correction.Truncate) {
            List<Tensor> weighed = script.call(scope, "importance_weight", ratio, bounds.low(), bounds.cap(), rejects);
            return new Weights(weighed.get(0), weighed.get(1), weighed.get(0), ratio);
        }
        return new Weights(all, all, ratio, ratio);
    }

    private Tensor one(Scope scope, String method, Object... arguments) {
        return script.call(scope, method, arguments).get(0);
    }

    private static Tensor vector(Scope scope, float[] values) {
        return scope.floats(values, values.length);
    }

    /** What the passes added up to. */
    PolicyLossMetrics sums() {
        return sums;
    }
}
