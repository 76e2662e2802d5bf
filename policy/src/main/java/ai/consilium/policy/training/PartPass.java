package ai.consilium.policy.training;

import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.List;

/** A part of a batch before the model: what is computed of it, in one of two ways. On one compute thread. */
sealed interface PartPass extends AutoCloseable permits WholePart, CheckpointedGroup {
    /** Log-probabilities [M] and entropies [M] of its tokens; nothing is recorded for gradients. */
    List<Tensor> logprobs(Scope into) throws InterruptedException;

    /** Its share of an objective, and the gradients of that. @param part its number, from 0 */
    GradientAccumulator.Result gradients(GradientAccumulator.Objective objective, int part, Scope into)
            throws InterruptedException;

    /** Its share of a distillation, and the gradients of that. @param part its number, from 0 */
    GradientAccumulator.Result distilled(ResidentAdapter teacher, DistillationObjective objective, int part, Scope into)
            throws InterruptedException;

    @Override
    void close();
}
