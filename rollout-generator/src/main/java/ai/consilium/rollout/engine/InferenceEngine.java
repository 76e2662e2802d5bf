package ai.consilium.rollout.engine;

import ai.consilium.schemas.Sampling;
import java.nio.file.Path;
import java.util.List;

/**
 * What turns prompts into completions. It is given text, the files of images and the version of an adapter, and answers with
 * token ids and their log-probabilities; how it computes is its own affair. Thread-safe: the workers of a process share one.
 */
public interface InferenceEngine {
    /**
     * A group as text. Chat mark-up is part of it, with one image placeholder per image.
     *
     * @param name for errors
     * @param prefix what its samples have in common
     * @param instructions what each sample adds, in sample order; at least one
     * @param images files, in the order of their placeholders
     * @param seed that, together with sample index and position, decides what is drawn
     */
    record GroupText(String name, String prefix, List<String> instructions, List<Path> images, long seed) {
        public GroupText {
            instructions = List.copyOf(instructions);
            images = List.copyOf(images);
        }
    }

    /** A group that an engine has checked and encoded for itself; only that engine can sample it. */
    interface Prepared {
        /** SHA-256 (hex) of each sample's prompt tokens, images expanded, in sample order; the learner compares it. */
        List<String> promptHashes();
    }

    /**
     * One sample.
     *
     * @param tokens ids, the end token included when it was sampled
     * @param logprobs of each token under the tempered distribution that it was drawn from
     * @param text of the tokens, special ones included
     * @param truncated cut at the length limit
     */
    record Completion(int[] tokens, float[] logprobs, String text, boolean truncated) {}

    /**
     * Makes a group ready.
     *
     * @throws ai.consilium.cases.format.CaseException when text and images do not fit together
     * @throws ai.consilium.policy.ModelException when an image cannot be used
     */
    Prepared prepare(GroupText group);

    /**
     * Samples groups with one adapter, as one batch.
     *
     * @param groups that this engine prepared
     * @return completions by group, then sample
     */
    List<List<Completion>> sample(AdapterVersion adapter, List<Prepared> groups, Sampling sampling)
            throws InterruptedException;
}
