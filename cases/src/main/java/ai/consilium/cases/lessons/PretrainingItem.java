package ai.consilium.cases.lessons;

import java.awt.image.BufferedImage;

/**
 * One label-free example for the base model, in the mark-up of real prompts.
 *
 * @param image 32 × 32 RGB
 * @param prefix up to where a perspective's instruction follows; one image
 * @param instruction up to and including the assistant's turn
 * @param completion well formed, ending with the end token
 * @param kind what it teaches, for example look or tally
 */
public record PretrainingItem(BufferedImage image, String prefix, String instruction, String completion, String kind) {}
