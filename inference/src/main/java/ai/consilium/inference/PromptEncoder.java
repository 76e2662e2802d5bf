package ai.consilium.inference;

import ai.consilium.cases.Case;
import ai.consilium.cases.CaseLibrary;
import ai.consilium.policy.EncodedPrompt;
import ai.consilium.policy.ModelDirectory;

/** Turns a case into what the model reads; images are processed once and kept. Thread-safe. */
public final class PromptEncoder {
    /**
     * A prompt ready to sample or train.
     *
     * @param prefix common prefix of the group
     * @param instruction tokens that the perspective adds
     * @param hash SHA-256 of all prompt token ids, little-endian int32: what Trajectory.promptHash holds
     */
    public record Encoded(EncodedPrompt prefix, int[] instruction, String hash) {}

    /** Over a model's tokenizer and image processor. */
    public PromptEncoder(ModelDirectory model, CaseLibrary library) {
        throw new UnsupportedOperationException("stub");
    }

    /** A case of a file, asked under a perspective. */
    public Encoded encode(String file, Case of, String perspective) {
        throw new UnsupportedOperationException("stub");
    }

    /** A completion's tokens. */
    public int[] completion(String text) {
        throw new UnsupportedOperationException("stub");
    }

    /** A completion's text. */
    public String text(int[] tokens) {
        throw new UnsupportedOperationException("stub");
    }
}
