package ai.consilium.policy.training;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.compute.Interrupts;
import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.exchange.PartGradient;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import ai.consilium.policy.training.ActivationCheckpointing.Part;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The parts of a policy-gradient step that another process takes ({@link Trainer#policyStep}): the same parts, and of each the same
 * gradient to the bit. It needs neither moments nor the other parts. One caller at a time.
 */
public final class PolicyParts implements AutoCloseable {
    /** How many sums a {@link PartGradient} has. */
    public static final int SUMS = PolicyLossMetrics.FIGURES;

    private final Compute compute;
    private final Scope scope = Scope.open();
    private final GradientAccumulator gradients;
    private final List<Part> parts;
    private final PolicyObjective objective;

    /**
     * Prepares them.
     *
     * @param adapter that the step changes, as it is before
     * @param reference of the penalty that the loss may ask for
     * @throws ai.consilium.policy.ModelException when an adapter does not fit the model
     */
    public PolicyParts(
            PolicyModel model,
            Compute compute,
            Adapter adapter,
            ActivationCheckpointing checkpointing,
            List<Trainer.Group> batch,
            PolicyLoss loss,
            Optional<Adapter> reference) {
        this.compute = compute;
        try {
            ResidentAdapter resident = ResidentAdapter.load(adapter, model.config(), scope);
            resident.leaves().forEach(Tensor::requireGradient);
            this.gradients = GradientAccumulator.of(model, resident, checkpointing);
            this.parts = gradients.parts(batch);
            this.objective = new PolicyObjective(
                    model.script(),
                    loss,
                    LossBatch.totals(batch),
                    reference
                            .map(fixed -> GradientAccumulator.of(
                                    model, ResidentAdapter.load(fixed, model.config(), scope), checkpointing))
                            .orElse(null));
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    /** Elements of each tensor of an adapter, in the order of a {@link PartGradient}'s. */
    public static int[] lengths(QwenConfig config, Adapter adapter) {
        return LoraTarget.of(config, adapter.targets()).stream()
                .flatMapToInt(target -> IntStream.of(adapter.rank() * target.in(), target.out() * adapter.rank()))
                .toArray();
    }

    /** How many there are. */
    public int count() {
        return parts.size();
    }

    /**
     * Computes one, behind all training and sampling of this process.
     *
     * @param progress is told, from a compute thread, whenever the part gets on
     */
    public PartGradient compute(int part, Runnable progress) throws InterruptedException {
        return compute.call(Compute.Urgency.EVALUATE, () -> {
            PartGradient[] result = new PartGradient[1];
            Interrupts.heard(progress, () -> result[0] = gradients.part(parts.get(part), part, objective));
            return result[0];
        });
    }

    @Override
    public void close() {
        scope.close();
    }
}
