package ai.consilium.policy.training;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the learner would say of a completion that somebody else sampled. Thread-safe. */
public final class CompletionScorer {
    private final PolicyModel model;
    private final Compute compute;

    /** Over a base model; the caller closes both. */
    public CompletionScorer(PolicyModel model, Compute compute) {
        this.model = model;
        this.compute = compute;
    }

    /**
     * Log-probabilities of a completion's tokens.
     *
     * @param adapter null is the base
     * @param instruction tokens between prompt and completion
     * @param temperature divides the logits; above 0
     * @return one for each token of the completion
     * @throws ai.consilium.policy.ModelException when the adapter does not fit the model
     */
    public float[] logprobs(
            @Nullable Adapter adapter, EncodedPrompt prompt, int[] instruction, int[] completion, double temperature)
            throws InterruptedException {
        Trainer.Member member = new Trainer.Member(instruction, completion, new float[completion.length], 0, false);
        List<Trainer.Group> batch = List.of(new Trainer.Group(prompt, List.of(member), temperature));
        return compute.call(Compute.Urgency.SAMPLE, () -> {
            try (Scope loaded = Scope.open()) {
                ResidentAdapter resident =
                        adapter == null ? null : ResidentAdapter.load(adapter, model.config(), loaded);
                return GradientAccumulator.of(model, resident, ActivationCheckpointing.DEFAULT)
                        .logprobs(batch)
                        .get(0);
            }
        });
    }
}
