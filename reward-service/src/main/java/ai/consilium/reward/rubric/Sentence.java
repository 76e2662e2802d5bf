package ai.consilium.reward.rubric;

import ai.consilium.cases.format.Wording;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A sentence of natural text, or a clause of one.
 *
 * @param words lower case, in order; numbers are words, with their decimals
 */
record Sentence(List<String> words) {
    private static final Pattern END = Pattern.compile("(?<=[.!?;])\\s+|\\R+");
    private static final Pattern WORD = Pattern.compile("\\p{N}+(?:[.,]\\p{N}+)*|\\p{L}+(?:['\u2019-]\\p{L}+)*");
    private static final Pattern NUMBER = Pattern.compile("\\p{Nd}+(?:[.,]\\p{Nd}+)?");
    private static final Pattern COMMA = Pattern.compile(",");

    /** Words of a text. */
    static List<String> split(String text) {
        return WORD.matcher(Wording.visible(text).toLowerCase(Locale.ROOT))
                .results()
                .map(MatchResult::group)
                .toList();
    }

    /** Sentences of a text; those without words are none. */
    static List<Sentence> of(String text) {
        return END.splitAsStream(text)
                .map(Sentence::split)
                .filter(words -> !words.isEmpty())
                .map(Sentence::new)
                .toList();
    }

    /** Clauses, which begin where one of these words stands. */
    List<Sentence> clauses(Forms conjunctions) {
        List<Sentence> clauses = new ArrayList<>();
        int from = 0;
        for (int at = 1; at < words.size(); at++) {
            if (startsAt(conjunctions, at) > 0) {
                clauses.add(new Sentence(words.subList(from, at)));
                from = at;
            }
        }
        clauses.add(new Sentence(words.subList(from, words.size())));
        return clauses;
    }

    /** How many words the longest of these forms has that stands at a position; 0 when none does. */
    int startsAt(Forms forms, int at) {
        return forms.lengthAt(words, at);
    }

    /** Whether one of these forms stands somewhere. */
    boolean has(Forms forms) {
        for (int at = 0; at < words.size(); at++) {
            if (startsAt(forms, at) > 0) {
                return true;
            }
        }
        return false;
    }

    /** A word as a number; NaN when it is none. */
    static double number(String word) {
        return NUMBER.matcher(word).matches()
                ? Double.parseDouble(COMMA.matcher(word).replaceAll("."))
                : Double.NaN;
    }
}
