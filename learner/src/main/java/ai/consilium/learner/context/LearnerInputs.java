package ai.consilium.learner.context;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.learner.checkpoint.CheckpointPlace;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.model.PolicyModel;
import java.util.Map;

/**
 * What the learners of a process share.
 *
 * @param model the base, one copy for all specialties
 * @param compute where tensors run
 * @param encoder over the same model and cases
 * @param cases the data root
 * @param checkpoints where they are kept
 * @param starts adapters that were trained elsewhere, by the specialty whose expert begins as one
 */
public record LearnerInputs(
        PolicyModel model,
        Compute compute,
        PromptEncoder encoder,
        CaseLibrary cases,
        CheckpointPlace checkpoints,
        Map<String, Adapter> starts) {
    /** Copies the map. */
    public LearnerInputs {
        starts = Map.copyOf(starts);
    }
}
