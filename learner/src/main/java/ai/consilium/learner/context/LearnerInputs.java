package ai.consilium.learner.context;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.learner.checkpoint.CheckpointPlace;
import ai.consilium.learner.lineage.RecordedSamples;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.model.PolicyModel;
import java.util.Map;
import java.util.Optional;

/**
 * What the learners of a process share.
 *
 * @param model the base, one copy for all specialties
 * @param compute where tensors run
 * @param encoder over the same model and cases
 * @param cases the data root
 * @param checkpoints where they are kept
 * @param starts adapters that were trained elsewhere and that experts begin as
 * @param recorded what another run sampled, where that is trained on; empty where the run samples itself
 */
public record LearnerInputs(
        PolicyModel model,
        Compute compute,
        PromptEncoder encoder,
        CaseLibrary cases,
        CheckpointPlace checkpoints,
        GivenStarts starts,
        Optional<RecordedSamples> recorded) {
    /** Of a run that samples itself. */
    public LearnerInputs(
            PolicyModel model,
            Compute compute,
            PromptEncoder encoder,
            CaseLibrary cases,
            CheckpointPlace checkpoints,
            GivenStarts starts) {
        this(model, compute, encoder, cases, checkpoints, starts, Optional.empty());
    }

    /** The same for what another run sampled. @param from adapters that the experts begin as, by specialty */
    public LearnerInputs trainedOn(RecordedSamples samples, Map<String, Adapter> from) {
        return new LearnerInputs(
                model, compute, encoder, cases, checkpoints, GivenStarts.of(from), Optional.of(samples));
    }
}
