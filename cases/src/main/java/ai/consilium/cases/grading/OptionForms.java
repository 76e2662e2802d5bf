package ai.consilium.cases.grading;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.Wording;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The forms in which a short text names an option of a case: its letter alone ({@code B}, {@code (B)}, {@code B.},
 * {@code **B**}, {@code \boxed{\text{B}}}, {@code Option B}, {@code Answer: B}), its letter with its text or the beginning of
 * it ({@code B. No pneumonia}), or its text. A letter with another option's text, or anything else beside, names none.
 */
final class OptionForms {
    /** A text that is longer names no option. */
    private static final int LONGEST = 4096;
    /** Wrappings within each other, and words before the answer, that are taken off. */
    private static final int MOST_LAYERS = 8;
    /** Marks of Markdown, which may stand anywhere. */
    private static final Pattern EMPHASIS = Pattern.compile("[*`]");

    private static final char IDEOGRAPHIC_STOP = '\u3002';

    private static final Pattern LEAD = Pattern.compile(
            "(?:so\\s+|thus\\s+)?(?:the\\s+|my\\s+)?(?:(?:final|correct|best|right)\\s+)*"
                    + "(?:answer|option|choice|letter)\\b(?:\\s+is\\b)?\\s*[:=]?\\s*",
            Pattern.CASE_INSENSITIVE);
    /** A letter, what parts it from the text, and the text. */
    private static final Pattern LETTERED = Pattern.compile(
            "[(\\[]?\\s*([A-Za-z])\\s*([)\\].:]+|\\s[-\u2013\u2014]\\s|(?=[\\s(]))\\s*(.*)", Pattern.DOTALL);

    private record Wrapping(String before, String after) {}

    private static final List<Wrapping> WRAPPINGS = List.of(
            new Wrapping("\\boxed{", "}"),
            new Wrapping("\\text{", "}"),
            new Wrapping("\\textbf{", "}"),
            new Wrapping("\\mathrm{", "}"),
            new Wrapping("\\mathbf{", "}"),
            new Wrapping("\\(", "\\)"),
            new Wrapping("\\[", "\\]"),
            new Wrapping("$", "$"),
            new Wrapping("(", ")"),
            new Wrapping("[", "]"),
            new Wrapping("{", "}"),
            new Wrapping("_", "_"),
            new Wrapping("\"", "\""),
            new Wrapping("'", "'"),
            new Wrapping("\u201c", "\u201d"),
            new Wrapping("\u2018", "\u2019"));

    /** By letter, as they are compared. */
    private final Map<String, String> texts = new LinkedHashMap<>();

    OptionForms(Case of) {
        of.options().forEach((letter, text) -> texts.put(letter, compared(text)));
    }

    /** Letter of the one option that a text names. */
    Optional<String> read(String said) {
        if (said.length() > LONGEST) {
            return Optional.empty();
        }
        String text = EMPHASIS.matcher(Wording.visible(said)).replaceAll("").strip();
        for (int layer = 0; layer < MOST_LAYERS; layer++) {
            SortedSet<String> named = named(text);
            if (!named.isEmpty()) {
                return named.size() == 1 ? Optional.of(named.first()) : Optional.empty();
            }
            String inner = peeled(text);
            if (inner.equals(text)) {
                return Optional.empty();
            }
            text = inner;
        }
        return Optional.empty();
    }

    /** Letters that a text names as it stands. A letter alone is that letter, whatever text another option has. */
    private SortedSet<String> named(String text) {
        SortedSet<String> named = new TreeSet<>();
        Optional<String> alone = letter(withoutStop(text));
        if (alone.isPresent()) {
            named.add(alone.get());
            return named;
        }
        String words = compared(text);
        texts.forEach((letter, option) -> {
            if (!words.isEmpty() && option.equals(words)) {
                named.add(letter);
            }
        });
        Matcher lettered = LETTERED.matcher(text);
        if (lettered.matches()) {
            letter(lettered.group(1))
                    .filter(letter -> fits(letter, lettered.group(2).isEmpty(), unwrapped(lettered.group(3))))
                    .ifPresent(named::add);
        }
        return named;
    }

    /** Whether what follows a letter belongs to it: nothing, its option's text, or the beginning of it. */
    private boolean fits(String letter, boolean unparted, String rest) {
        String words = compared(rest);
        String own = String.valueOf(texts.get(letter));
        if (unparted) {
            // "B C" may be two letters.
            return words.equals(own) && letter(rest).isEmpty();
        }
        boolean others = texts.entrySet().stream()
                .anyMatch(option ->
                        !option.getKey().equals(letter) && option.getValue().equals(words));
        return words.isEmpty() || words.equals(own) || (own.startsWith(words + " ") && !others);
    }

    private Optional<String> letter(String text) {
        return texts.keySet().stream()
                .filter(letter -> letter.equalsIgnoreCase(text))
                .findFirst();
    }

    private static String compared(String text) {
        return Wording.canonical(
                withoutStop(EMPHASIS.matcher(Wording.visible(text)).replaceAll("")));
    }

    private static String withoutStop(String text) {
        int end = text.length();
        while (end > 0 && stop(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end).strip();
    }

    private static boolean stop(char symbol) {
        return symbol == '.' || symbol == IDEOGRAPHIC_STOP || Character.isWhitespace(symbol);
    }

    /** Without one layer of what stands around the answer. */
    private static String peeled(String text) {
        Matcher lead = LEAD.matcher(text);
        return unwrapped(lead.lookingAt() ? text.substring(lead.end()) : withoutStop(text));
    }

    private static String unwrapped(String text) {
        String inner = text.strip();
        for (Wrapping wrapping : WRAPPINGS) {
            boolean wrapped = inner.length()
                            >= wrapping.before().length() + wrapping.after().length()
                    && inner.startsWith(wrapping.before())
                    && inner.endsWith(wrapping.after());
            if (wrapped) {
                return inner.substring(
                                wrapping.before().length(),
                                inner.length() - wrapping.after().length())
                        .strip();
            }
        }
        return inner;
    }
}
