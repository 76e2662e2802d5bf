package ai.consilium.reward.rubric.language;

import ai.consilium.cases.format.Wording;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A sentence of natural text.
 *
 * @param tokens its words, and the marks that matter to numbers and lists, in order
 * @param words the words alone: lower case, in one spelling ({@link Spelling}); numbers are words, with their decimals
 * @param asked whether it is a question
 */
public record Sentence(List<String> tokens, List<String> words, boolean asked) {
    // Repetitions are bounded or possessive: Java's matcher would recurse once for each.
    private static final Pattern TOKEN = Pattern.compile(
            "\\p{N}++(?:[.,\u00b7]\\p{N}++){0,6}|non-\\p{L}[\\p{L}\\p{M}\\p{N}]*+|\\p{L}[\\p{L}\\p{M}\\p{N}]*+(?:['\u2019]\\p{L}++)?"
                    + "|(?<=\\p{N})\\s?[-\u2010\u2013\u2014\u2212]\\s?(?=\\p{N})|[,:=<>\u2264\u2265~\u2248%/+|]");
    private static final Pattern MARKUP = Pattern.compile(
            "</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\\s[^<>\\n=]{1,20}=[^<>\\n]{0,80})?\\s?/?>|\\\\(leq?|geq?|approx)(?![a-zA-Z])|\\\\[a-zA-Z]++|\\\\[,;!]|\\{(,)}");
    private static final Pattern LINE = Pattern.compile("\\R");
    private static final Pattern BULLET =
            Pattern.compile("^\\s*+(?:[-*\u2022\u2023\u2013]|\\(?\\p{N}{1,2}[.)]|\\(?[a-zA-Z][.)])\\s++");
    private static final Pattern END = Pattern.compile("[.!?;]++[*_)\"'\u201d\u2019\\]}$]{0,4}+(?:\\s++|$)");
    private static final Set<String> ABBREVIATIONS = Set.of(
            "e.g", "i.e", "vs", "dr", "mr", "mrs", "approx", "resp", "fig", "ca", "cf", "pt", "st", "prof", "max",
            "min");
    private static final Set<String> RANGES = Set.of("-", "\u2010", "\u2013", "\u2014", "\u2212");

    /** Between two numbers: from the one to the other. */
    static final String TO = "-";

    /** Words of a text. */
    static List<String> split(String text) {
        return of(tokens(plain(text)), false).words();
    }

    /** Sentences of a text; those without words are none. A line ends one, as in lists and tables. */
    public static List<Sentence> of(String text) {
        List<Sentence> sentences = new ArrayList<>();
        LINE.splitAsStream(plain(text)).forEach(line -> {
            String listed = BULLET.matcher(line).replaceFirst("");
            int from = 0;
            Matcher end = END.matcher(listed);
            while (end.find()) {
                if (!abbreviates(listed, from, end.start())) {
                    add(sentences, listed.substring(from, end.end()));
                    from = end.end();
                }
            }
            add(sentences, listed.substring(from));
        });
        return List.copyOf(sentences);
    }

    private static void add(List<Sentence> sentences, String text) {
        Sentence sentence = of(
                tokens(text),
                END.matcher(text).results().anyMatch(end -> end.group().contains("?")));
        if (!sentence.words().isEmpty()) {
            sentences.add(sentence);
        }
    }

    private static Sentence of(List<String> tokens, boolean asked) {
        return new Sentence(tokens, tokens.stream().filter(Sentence::isWord).toList(), asked);
    }

    private static boolean abbreviates(String line, int from, int stop) {
        int start = stop;
        while (start > from && !Character.isWhitespace(line.charAt(start - 1)) && line.charAt(start - 1) != '(') {
            start--;
        }
        return ABBREVIATIONS.contains(line.substring(start, stop).toLowerCase(Locale.ROOT))
                && stop + 1 < line.length()
                && line.charAt(stop) == '.';
    }

    /** The text as it reads, without tags and commands of LaTeX. */
    private static String plain(String text) {
        return MARKUP.matcher(Wording.visible(text)).replaceAll(found -> {
            String command = found.group(1);
            if (command != null) {
                return command.startsWith("l") ? "\u2264" : command.startsWith("g") ? "\u2265" : "\u2248";
            }
            return found.group(2) != null ? "," : " ";
        });
    }

    private static List<String> tokens(String text) {
        List<String> tokens = new ArrayList<>();
        Matcher token = TOKEN.matcher(text.toLowerCase(Locale.ROOT));
        while (token.find()) {
            String found = token.group();
            if (RANGES.contains(found.strip())) {
                tokens.add(TO);
            } else if (Character.isLetter(found.codePointAt(0))) {
                tokens.addAll(Spelling.words(found));
            } else {
                tokens.add(found);
            }
        }
        return List.copyOf(tokens);
    }

    /** Whether a token is a word or a number. */
    static boolean isWord(String token) {
        return Character.isLetterOrDigit(token.codePointAt(0)) || Quantity.isNumber(token);
    }

    /** How many words the longest of these forms has that stands at a word; 0 when none does. */
    public int startsAt(Forms forms, int at) {
        return forms.lengthAt(words, at);
    }

    /** Whether one of these forms stands somewhere. */
    public boolean has(Forms forms) {
        for (int at = 0; at < words.size(); at++) {
            if (startsAt(forms, at) > 0) {
                return true;
            }
        }
        return false;
    }
}
