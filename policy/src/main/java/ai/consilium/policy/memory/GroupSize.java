package ai.consilium.policy.memory;

/**
 * A group that is sampled, or trained on.
 *
 * @param promptTokens of the common prefix, those of images included
 * @param instructionTokens that a sample adds to it
 * @param samples of the prompt
 * @param completionTokens of the longest completion
 */
public record GroupSize(int promptTokens, int instructionTokens, int samples, int completionTokens) {
    /** Checks the range. */
    public GroupSize {
        if (promptTokens < 1 || instructionTokens < 0 || samples < 1 || completionTokens < 1) {
            throw new IllegalArgumentException("prompt, samples and completion of a group must be at least 1");
        }
    }

    /** Tokens whose keys and values a sampler holds: the prefix once, the rest for each sample. */
    public long slots() {
        return promptTokens + (long) samples * (instructionTokens + completionTokens);
    }
}
