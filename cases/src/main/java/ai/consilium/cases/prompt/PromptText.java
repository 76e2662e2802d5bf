package ai.consilium.cases.prompt;

/**
 * A prompt as the turns of a chat, before a model's chat template puts its mark-up around them: what the system says, and a
 * user's turn of images and text. The text begins with the case and ends with what a perspective adds, so that the prompts of a
 * group have all but their ends in common.
 *
 * @param system empty leaves it to the chat template, which may say something of its own
 * @param images how many stand before the text
 * @param user text of the user's turn
 */
public record PromptText(MarkedText system, int images, MarkedText user) {}
