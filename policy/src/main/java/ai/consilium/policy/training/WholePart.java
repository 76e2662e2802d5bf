package ai.consilium.policy.training;

import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.batch.DeviceBatch;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import ai.consilium.policy.torch.TorchRuntime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of which everything is there at once: one graph, all logits. The gradients may be of any leaves.
 *
 * @param adapter that is trained, or none
 */
record WholePart(
        PolicyModel model,
        PolicyModel.Weights weights,
        @Nullable ResidentAdapter adapter,
        List<Tensor> leaves,
        LossBatch batch)
        implements PartPass {

    @Override
    public List<Tensor> logprobs(Scope into) {
        int count = batch.at().length;
        return script().call(
                        into,
                        "token_logprobs",
                        hidden(device(into), adapter, into),
                        into.longs(batch.at(), count),
                        into.longs(batch.targets(), count),
                        into.floats(batch.temperature(), count),
                        weights.decoder(),
                        model.suppressed());
    }

    @Override
    public GradientAccumulator.Result gradients(GradientAccumulator.Objective objective, int part, Scope into) {
        return recorded(() -> objective.of(part, logprobs(into), batch, into), into);
    }

    @Override
    public GradientAccumulator.Result distilled(
            ResidentAdapter teacher, DistillationObjective objective, int part, Scope into) {
        return recorded(
                () -> {
                    // Pictures and prompts are the same for both.
                    DeviceBatch device = device(into);
                    Tensor policy = nextTokens(hidden(device, adapter, into), into);
                    Tensor taught = nextTokens(hidden(device, teacher, into), into);
                    return objective.of(part, policy, taught, batch, into);
                },
                into);
    }

    /** A loss, computed with its graph. */
    private interface Loss {
        Tensor compute();
    }

    private GradientAccumulator.Result recorded(Loss loss, Scope into) {
        return TorchRuntime.recorded(() -> {
            Tensor share = loss.compute();
            List<Tensor> gradients = script().call(into, "gradients", share, leaves);
            return new GradientAccumulator.Result(share.scalar(), gradients);
        });
    }

    /** @return log-probabilities [M, ids] */
    private Tensor nextTokens(Tensor hidden, Scope scope) {
        int count = batch.at().length;
        return script().call(
                        scope,
                        "next_tokens",
                        hidden,
                        scope.longs(batch.at(), count),
                        scope.floats(batch.temperature(), count),
                        weights.decoder(),
                        model.suppressed())
                .get(0);
    }

    private DeviceBatch device(Scope scope) {
        return DeviceBatch.of(model, weights, batch.prompts(), batch.packed(), scope);
    }

    private Tensor hidden(DeviceBatch device, @Nullable ResidentAdapter by, Scope scope) {
        List<Tensor> lora = by == null ? List.of() : by.fused(model, scope);
        return script().call(
                        scope,
                        "hidden_states",
                        device.embedded(),
                        device.valid(),
                        device.turned().cos(),
                        device.turned().sin(),
                        device.group(),
                        device.tokens(),
                        device.sampleValid(),
                        device.sampleTurned().cos(),
                        device.sampleTurned().sin(),
                        weights.decoder(),
                        lora)
                .get(0);
    }

    private Script script() {
        return model.script();
    }

    @Override
    public void close() {
        // Everything is the caller's.
    }
}
