package ai.consilium.rollout.engine.vllm;

import ai.consilium.rollout.engine.InferenceEngine;
import java.util.List;

/**
 * A group that was checked and encoded.
 *
 * @param prompts of each sample, in sample order; samples with one instruction share theirs
 * @param seed of the group
 */
record ChatGroup(List<ChatPrompt> prompts, long seed) implements InferenceEngine.Prepared {
    ChatGroup {
        prompts = List.copyOf(prompts);
    }

    @Override
    public List<String> promptHashes() {
        return prompts.stream().map(prompt -> prompt.encoded().hash()).toList();
    }
}
