package ai.consilium.policy.training;

import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.layerwise.LayerwisePass;
import ai.consilium.policy.memory.ActivationMemory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import ai.consilium.policy.torch.TorchRuntime;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A group whose gradients are computed with little memory: layer by layer ({@link LayerwisePass}), with the logits of some tokens
 * at a time ({@link ChunkedHead}). Exact: the objective sees the log-probabilities of all tokens at once. On one compute thread.
 */
final class CheckpointedGroup implements PartPass {
    private final PolicyModel model;
    private final @Nullable ResidentAdapter adapter;
    private final LossBatch batch;
    private final LayerwisePass layers;
    private final ChunkedHead head;

    /**
     * Lays it out.
     *
     * @param adapter that is trained; without one there are only log-probabilities, the base's
     * @param batch of one group
     * @param working {@link ActivationCheckpointing#working}
     */
    CheckpointedGroup(
            PolicyModel model,
            @Nullable ResidentAdapter adapter,
            LossBatch batch,
            ActivationMemory memory,
            long working) {
        this.model = model;
        this.adapter = adapter;
        this.batch = batch;
        int prefix = batch.packed().prefix().width();
        this.layers = new LayerwisePass(
                model,
                batch.prompts().get(0),
                batch.packed(),
                batch.at(),
                width -> memory.rows(prefix, width, working));
        this.head = new ChunkedHead(model, memory.chunk(working));
    }

    @Override
    public List<Tensor> logprobs(Scope into) throws InterruptedException {
        try (Scope own = Scope.open()) {
            return head.logprobs(layers.forward(adapter, false, own), batch, into);
        }
    }

    @Override
    public GradientAccumulator.Result gradients(GradientAccumulator.Objective objective, int part, Scope into)
            throws InterruptedException {
        try (Scope own = Scope.open()) {
            Tensor hidden = layers.forward(trained(), true, own);
            List<Tensor> found = head.logprobs(hidden, batch, own);
            // The loss needs every token's log-probability; what it says of each is then a weight.
            Tensor logprobs = found.get(0).requireGradient();
            List<Tensor> shares = TorchRuntime.recorded(() -> {
                Tensor share = objective.of(part, found, batch, own);
                return List.of(share, one(own, "gradients", share, List.of(logprobs)));
            });
            float[] weights = shares.get(1).floats();
            ChunkedHead.Result result = head.gradients(
                    hidden, batch, (leaf, from, chunk, scope) -> weighted(leaf, weights, from, chunk, scope), own);
            return new GradientAccumulator.Result(
                    shares.get(0).scalar(), layers.back(trained(), result.gradient(), into));
        }
    }

    private Tensor weighted(Tensor hidden, float[] weights, int from, LossBatch chunk, Scope scope) {
        int count = chunk.at().length;
        Tensor logprobs =
                one(scope, "chosen", head.nextTokens(hidden, chunk, scope), scope.longs(chunk.targets(), count));
        float[] own = Arrays.copyOfRange(weights, from, from + count);
        return one(scope, "weighted", logprobs, scope.floats(own, count));
    }

    /** A sum over tokens, and so over chunks. */
    @Override
    public GradientAccumulator.Result distilled(
            ResidentAdapter teacher, DistillationObjective objective, int part, Scope into)
            throws InterruptedException {
        try (Scope own = Scope.open()) {
            Tensor taught = layers.forward(teacher, false, own);
            Tensor hidden = layers.forward(trained(), true, own);
            ChunkedHead.Result result = head.gradients(
                    hidden,
                    batch,
                    (leaf, from, chunk, scope) -> {
                        Tensor theirs = head.rows(taught, from, chunk.at().length, scope);
                        Tensor policy = head.nextTokens(leaf, chunk, scope);
                        return objective.of(part, policy, head.nextTokens(theirs, chunk, scope), chunk, scope);
                    },
                    own);
            return new GradientAccumulator.Result(result.loss(), layers.back(trained(), result.gradient(), into));
        }
    }

    private ResidentAdapter trained() {
        if (adapter == null) {
            throw new IllegalStateException("only an adapter is trained layer by layer");
        }
        return adapter;
    }

    private Tensor one(Scope scope, String method, Object... arguments) {
        return model.script().call(scope, method, arguments).get(0);
    }

    @Override
    public void close() {
        layers.close();
    }
}
