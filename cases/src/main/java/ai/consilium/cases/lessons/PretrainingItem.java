package ai.consilium.cases.lessons;

import ai.consilium.cases.prompt.MarkedText;
import ai.consilium.cases.prompt.PromptText;
import java.awt.image.BufferedImage;

/**
 * One label-free example for the base model, laid out as real prompts are.
 *
 * @param image 32 × 32 RGB
 * @param prompt with one image
 * @param completion well formed, ending with the end token
 * @param kind what it teaches, for example look or tally
 */
public record PretrainingItem(BufferedImage image, PromptText prompt, MarkedText completion, String kind) {}
