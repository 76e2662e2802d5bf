package ai.consilium.cases.format;

import java.util.Locale;
import java.util.Optional;

/** Text that reaches terminals and logs: a case file must neither move their cursor nor turn their lines round. */
public final class Printable {
    /** What makes a text unfit to be a name, in words: control characters, line ends, overrides of the writing direction. */
    public static Optional<String> flaw(String text) {
        return text.codePoints()
                .filter(symbol -> !shows(symbol))
                .mapToObj(symbol -> kind(symbol) + String.format(Locale.ROOT, " (U+%04X)", symbol))
                .findFirst();
    }

    /** A text with every such character written as its escape, so that it can be quoted in one line. */
    public static String shown(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().forEach(symbol -> {
            if (shows(symbol)) {
                shown.appendCodePoint(symbol);
            } else {
                shown.append(String.format(Locale.ROOT, "\\u%04x", symbol));
            }
        });
        return shown.toString();
    }

    /** Whether it holds half of a pair of surrogates, which no encoding can write. */
    static boolean broken(String text) {
        return text.codePoints().anyMatch(symbol -> Character.getType(symbol) == Character.SURROGATE);
    }

    private static boolean shows(int symbol) {
        return switch (Character.getType(symbol)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                false;
            default -> !turns(symbol);
        };
    }

    /** Marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm (UAX 9). */
    private static boolean turns(int symbol) {
        return symbol == 0x061C
                || symbol == 0x200E
                || symbol == 0x200F
                || symbol >= 0x202A && symbol <= 0x202E
                || symbol >= 0x2066 && symbol <= 0x2069;
    }

    private static String kind(int symbol) {
        if (turns(symbol)) {
            return "a character that turns the writing direction";
        }
        return symbol == '\n' || symbol == '\r' || symbol == 0x85 || symbol == 0x2028 || symbol == 0x2029
                ? "a line end"
                : "a control character";
    }

    private Printable() {}
}
