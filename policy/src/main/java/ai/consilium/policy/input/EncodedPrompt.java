package ai.consilium.policy.input;

import java.util.List;

/**
 * The common prefix of a group as tokens: image placeholders expanded, ready for the model. Each sample adds its own
 * instruction tokens after it.
 *
 * @param tokens ids, with one image-pad id per merged patch
 * @param images in the order of their placeholders
 */
public record EncodedPrompt(int[] tokens, List<ImageProcessor.Pixels> images) {}
