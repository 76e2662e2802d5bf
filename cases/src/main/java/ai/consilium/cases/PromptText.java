package ai.consilium.cases;

/**
 * A prompt as text: images, case, question and options first (the same for a whole group), the perspective's instruction
 * last. Chat mark-up included; each image is one &lt;|vision_start|&gt;&lt;|image_pad|&gt;&lt;|vision_end|&gt;.
 *
 * @param prefix the common prefix
 * @param instruction what one perspective adds, up to and including the assistant's turn
 */
public record PromptText(String prefix, String instruction) {
    /** The prompt of a case under a perspective. @throws CaseException for an unknown perspective */
    public static PromptText of(Case of, String perspective) {
        throw new UnsupportedOperationException("stub");
    }
}
