package ai.consilium.rollout.engine;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.sampling.Sampler.Completion;
import ai.consilium.policy.sampling.Sampler.Group;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Sampling;
import java.util.List;

/** What turns prompts into completions. Thread-safe: the workers of a process share one. */
public interface InferenceEngine {
    /**
     * A group ready to sample.
     *
     * @param group what the sampler reads
     * @param promptHashes of each sample, in sample order
     */
    record Prepared(Group group, List<String> promptHashes) {}

    /**
     * Makes a prompt ready.
     *
     * @throws ai.consilium.cases.format.CaseException when the prompt names what does not exist
     * @throws ai.consilium.policy.ModelException when its image cannot be used
     * @throws ai.consilium.platform.UsageException when this worker has other case files than the run
     */
    Prepared prepare(Prompt prompt);

    /**
     * Samples groups with one adapter, as one batch.
     *
     * @return completions by group, then sample
     */
    List<List<Completion>> sample(Adapter adapter, List<Group> groups, Sampling sampling) throws InterruptedException;

    /** A completion's text. */
    String text(int[] tokens);
}
