package ai.consilium.cases.format;

import java.util.List;
import java.util.Locale;

/** The mark-up of Qwen2.5-VL and of completions, and canonical wording: lower case, one space between words, each mark a word. */
public final class Markup {
    public static final String END_OF_TEXT = "<|endoftext|>";
    public static final String TURN_START = "<|im_start|>";
    /** Ends a turn; the end token of every completion. */
    public static final String TURN_END = "<|im_end|>";

    public static final String VISION_START = "<|vision_start|>";
    public static final String VISION_END = "<|vision_end|>";
    /** Stands once for an image in text; the encoder repeats it for every visual token. */
    public static final String IMAGE_PAD = "<|image_pad|>";

    public static final String THINK_START = "<think>";
    public static final String THINK_END = "</think>";
    public static final String ANSWER_START = "<answer>";
    public static final String ANSWER_END = "</answer>";

    /** Every special token, in vocabulary order. */
    public static final List<String> SPECIAL = List.of(
            END_OF_TEXT,
            TURN_START,
            TURN_END,
            VISION_START,
            VISION_END,
            IMAGE_PAD,
            THINK_START,
            THINK_END,
            ANSWER_START,
            ANSWER_END);

    /** Canonical words of a text, joined by single spaces: {@code "Chest X-ray?"} gives {@code "chest x - ray ?"}. */
    public static String words(String text) {
        StringBuilder spaced = new StringBuilder(text.length() + 16);
        text.toLowerCase(Locale.ROOT).codePoints().forEach(symbol -> {
            if (Character.isLetterOrDigit(symbol)) {
                spaced.appendCodePoint(symbol);
            } else if (Character.isWhitespace(symbol) || Character.isISOControl(symbol)) {
                spaced.append(' ');
            } else {
                spaced.append(' ').appendCodePoint(symbol).append(' ');
            }
        });
        return spaced.toString().strip().replaceAll(" +", " ");
    }

    private Markup() {}
}
