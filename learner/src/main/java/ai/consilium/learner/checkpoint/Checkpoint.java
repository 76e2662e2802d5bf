package ai.consilium.learner.checkpoint;

import ai.consilium.policy.training.Trainer;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * Everything that a version left behind: with it a learner goes on as if it had never stopped, and publishes the version
 * if the log lacks it.
 *
 * @param trained adapter, moments and optimiser step
 * @param facts the rest
 */
public record Checkpoint(Trainer.State trained, Facts facts) {
    /**
     * What a checkpoint says beside its tensors.
     *
     * @param specialty whose expert it is
     * @param version 0 after the adaptation
     * @param finalVersion whether the run asks for no further one
     * @param parentHash adapter hash of the version before; empty for version 0
     * @param fromOffset first offset of training-groups that this version consumed
     * @param nextOffset first offset that it did not
     * @param groupIds groups that it was trained on
     * @param figures of the step
     * @param fingerprintHash of {@code config}; under {@code configHash} in state.json
     * @param config settings that the weights depend on, by key path
     * @param modelHash the base model
     * @param log id of the topic of policy updates that its versions stand on: a topic that is made anew has another
     */
    public record Facts(
            String specialty,
            long version,
            boolean finalVersion,
            String parentHash,
            long fromOffset,
            long nextOffset,
            List<String> groupIds,
            Map<String, Double> figures,
            @JsonProperty("configHash") String fingerprintHash,
            Map<String, String> config,
            String modelHash,
            String log) {
        public Facts {
            groupIds = List.copyOf(groupIds);
            figures = Map.copyOf(figures);
            config = Map.copyOf(config);
        }
    }

    /**
     * The version that a step makes of this one.
     *
     * @param after what the trainer holds then
     * @param last whether the run asks for no further one
     * @param nextOffset first offset of training-groups that the step did not consume
     * @param groupIds that it was trained on
     */
    public Checkpoint next(
            Trainer.State after, boolean last, long nextOffset, List<String> groupIds, Map<String, Double> figures) {
        return new Checkpoint(
                after,
                new Facts(
                        facts.specialty(),
                        facts.version() + 1,
                        last,
                        trained.adapter().hash(),
                        facts.nextOffset(),
                        nextOffset,
                        groupIds,
                        figures,
                        facts.fingerprintHash(),
                        facts.config(),
                        facts.modelHash(),
                        facts.log()));
    }

    /** The last version of a course that gets no further: the same weights and moments, and no groups. */
    public Checkpoint end() {
        return next(trained, true, facts.nextOffset(), List.of(), Map.of());
    }

    /** Its version. */
    public long version() {
        return facts.version();
    }
}
