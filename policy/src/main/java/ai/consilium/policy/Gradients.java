package ai.consilium.policy;

import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import ai.consilium.policy.torch.TorchRuntime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Loss and gradients of batches, part by part in order. Parts are divided by the count of the whole batch, so that their
 * gradients add up to the batch's. Runs on a compute thread.
 */
final class Gradients {
    /** Padded tokens of a part: enough to keep the cores busy, little enough to stay near the caches. */
    private static final int PART_TOKENS = 4096;

    private final PolicyModel model;
    private final PolicyModel.Weights weights;
    private final @Nullable ResidentAdapter adapter;
    private final List<Tensor> leaves;

    /**
     * What a batch gives.
     *
     * @param sums of the loss's figures; see loss.py
     * @param gradients of the leaves, owned by the caller's scope; empty when no token carries loss
     */
    record Result(double[] sums, List<Tensor> gradients) {}

    /** A loss over one part: its scalar, and sums of figures. */
    private record PartLoss(Tensor loss, double[] sums) {}

    /** A loss function of log-probabilities. */
    private interface Objective {
        PartLoss of(List<Tensor> logprobs, TargetBatch batch, Scope scope);
    }

    Gradients(PolicyModel model, PolicyModel.Weights weights, @Nullable ResidentAdapter adapter, List<Tensor> leaves) {
        this.model = model;
        this.weights = weights;
        this.adapter = adapter;
        this.leaves = leaves;
    }

    /** Mean negative log-probability over {@code count} tokens; the one figure is the loss. */
    Result supervised(List<Trainer.Group> groups, double count, Scope scope) throws InterruptedException {
        return run(groups, scope, 1, (logprobs, batch, part) -> {
            Tensor loss =
                    script().call(part, "supervised", logprobs.get(0), count).get(0);
            return new PartLoss(loss, new double[] {loss.scalar()});
        });
    }

    /** Clipped surrogate; figures as clipped_surrogate gives them, the last being a maximum. */
    Result policy(List<Trainer.Group> groups, Trainer.Loss loss, double count, Scope scope)
            throws InterruptedException {
        return run(groups, scope, 6, (logprobs, batch, part) -> {
            List<Tensor> result = script().call(
                            part,
                            "clipped_surrogate",
                            logprobs.get(0),
                            logprobs.get(1),
                            part.floats(batch.behaviour(), batch.behaviour().length),
                            part.floats(batch.advantage(), batch.advantage().length),
                            loss.clipEpsLow(),
                            loss.clipEpsHigh(),
                            count);
            float[] figures = result.get(1).floats();
            double[] sums = new double[figures.length];
            for (int i = 0; i < sums.length; i++) {
                sums[i] = figures[i];
            }
            return new PartLoss(result.get(0), sums);
        });
    }

    private Result run(List<Trainer.Group> groups, Scope scope, int figures, Objective objective)
            throws InterruptedException {
        double[] sums = new double[figures];
        List<Tensor> total = new ArrayList<>();
        for (List<Trainer.Group> part : TargetBatch.parts(groups, PART_TOKENS)) {
            if (Thread.interrupted()) {
                throw new InterruptedException("training was interrupted");
            }
            try (Scope own = Scope.open()) {
                TargetBatch batch = TargetBatch.of(model.config(), part);
                List<Tensor> gradients = TorchRuntime.recorded(() -> {
                    PartLoss loss = objective.of(logprobs(batch, own), batch, own);
                    add(sums, loss.sums());
                    return script().call(own, "gradients", loss.loss(), leaves);
                });
                if (total.isEmpty()) {
                    gradients.forEach(gradient -> total.add(scope.adopt(gradient)));
                } else {
                    script().call(own, "add_all", total, gradients);
                }
            }
        }
        return new Result(sums, total);
    }

    /** Every figure adds up but the sixth, which is a maximum. */
    static void add(double[] sums, double[] more) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = i == 5 ? Math.max(sums[i], more[i]) : sums[i] + more[i];
        }
    }

    /** @return log-probabilities [M] and entropies [M] */
    private List<Tensor> logprobs(TargetBatch batch, Scope scope) {
        DeviceBatch device = DeviceBatch.of(model, weights, batch.prompts(), batch.packed(), scope);
        List<Tensor> lora =
                adapter == null ? List.of() : script().call(scope, "fuse", adapter.a(), adapter.b(), adapter.scale());
        Tensor hidden = script().call(
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
        int count = batch.at().length;
        return script().call(
                        scope,
                        "token_logprobs",
                        hidden,
                        scope.longs(batch.at(), count),
                        scope.longs(batch.targets(), count),
                        scope.floats(batch.temperature(), count),
                        weights.decoder());
    }

    private Script script() {
        return model.script();
    }
}
