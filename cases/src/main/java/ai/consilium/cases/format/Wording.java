package ai.consilium.cases.format;

import java.text.Normalizer;
import java.util.Locale;

/**
 * Texts of options and answers as they are compared, so that what reads the same is the same: no-break space and space, a
 * composed and a decomposed é, full-width and plain letters, superscript and plain digits. For comparing only: what a model is
 * shown or taught is {@link Markup#words}.
 */
public final class Wording {
    private static final int COMBINING_GRAPHEME_JOINER = 0x034F;
    private static final int FIRST_VARIATION_SELECTOR = 0xFE00;
    private static final int LAST_VARIATION_SELECTOR = 0xFE0F;

    /** Compatibility form (Unicode NFKC) of the characters that show: zero-width and bidirectional controls are left out. */
    public static String visible(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().filter(symbol -> !invisible(symbol)).forEach(shown::appendCodePoint);
        return Normalizer.normalize(shown, Normalizer.Form.NFKC);
    }

    /** Canonical words of the visible text; equal for texts that read the same, empty for one that shows nothing. */
    public static String canonical(String text) {
        // Up, and down again in words, folds what has no single lower-case form, such as the German sharp s.
        return Markup.words(visible(text).toUpperCase(Locale.ROOT));
    }

    /** Whether two texts read the same. */
    public static boolean same(String one, String other) {
        return canonical(one).equals(canonical(other));
    }

    private static boolean invisible(int symbol) {
        return Character.getType(symbol) == Character.FORMAT
                || symbol == COMBINING_GRAPHEME_JOINER
                || symbol >= FIRST_VARIATION_SELECTOR && symbol <= LAST_VARIATION_SELECTOR;
    }

    private Wording() {}
}
