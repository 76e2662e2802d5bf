package ai.consilium.cases.prompt;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.Markup;

/**
 * A prompt as text: images, case, question and options first (the same for a whole group), the perspective's instruction
 * last. Chat mark-up included; each image is one &lt;|vision_start|&gt; &lt;|image_pad|&gt; &lt;|vision_end|&gt;.
 *
 * @param prefix the common prefix
 * @param instruction what one perspective adds, up to and including the assistant's turn
 */
public record PromptText(String prefix, String instruction) {
    /** The prompt of a case under a perspective. @throws CaseException for an unknown perspective */
    public static PromptText of(Case of, String perspective) {
        StringBuilder text = new StringBuilder(Markup.words(of.specialty().replace('_', ' ')));
        of.context()
                .forEach((name, value) -> text.append(' ')
                        .append(Markup.words(name))
                        .append(' ')
                        .append(Markup.words(value))
                        .append(" ,"));
        text.append(' ').append(Markup.words(of.question())).append(" options");
        of.options()
                .forEach((letter, option) -> text.append(' ')
                        .append(Markup.words(letter))
                        .append(' ')
                        .append(Markup.words(option)));
        return new PromptText(
                Markup.userTurn(of.images().size(), text.toString()),
                Markup.assistantTurn(Perspective.instruction(perspective)));
    }
}
