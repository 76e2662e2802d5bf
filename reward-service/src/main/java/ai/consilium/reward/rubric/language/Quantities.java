package ai.consilium.reward.rubric.language;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds numbers in clauses, with what limits them and with their units. */
final class Quantities {
    private static final int MODIFIER = 3;
    private static final Set<String> ABOVE = Set.of(">", "\u2265");
    private static final Set<String> BELOW = Set.of("<", "\u2264");
    private static final Set<String> NEARLY = Set.of("~", "\u2248");
    private static final Set<String> RANGE = Set.of(Sentence.TO, "to", "or");
    private static final Set<String> PER = Set.of("/", "per", "a", "of");

    private final Lexicon lexicon;

    Quantities(Lexicon lexicon) {
        this.lexicon = lexicon;
    }

    /**
     * A quantity in a clause.
     *
     * @param unit empty where none that is known
     * @param end index of the token behind the number
     */
    record Place(Quantity quantity, String unit, int end) {
        Statements.Said said(List<String> words, Polarity polarity) {
            return new Statements.Said(words, quantity, unit, polarity);
        }
    }

    /** The quantity whose number begins at a token. @param leastInWords from which on numbers in words count */
    @Nullable
    Place at(Clause clause, int at, int leastInWords) {
        List<String> tokens = clause.tokens();
        Quantity.Place number = Quantity.at(tokens, at, leastInWords);
        if (number == null) {
            return null;
        }
        Quantity quantity = number.quantity();
        int end = number.end();
        boolean between = at > 0 && tokens.get(at - 1).equals("between");
        boolean ranges = end + 1 < tokens.size()
                && (RANGE.contains(tokens.get(end))
                        || between && tokens.get(end).equals("and"));
        if (ranges) {
            Quantity.Place other = Quantity.at(tokens, end + 1, leastInWords);
            if (other != null) {
                return new Place(quantity.to(other.quantity()), unit(tokens, other.end()), other.end());
            }
        }
        String unit = unit(tokens, end);
        if (stands(Lexicon.OR_MORE, tokens, end) || plus(tokens, end)) {
            return new Place(quantity.orMore(), unit, end);
        }
        if (stands(Lexicon.OR_LESS, tokens, end)) {
            return new Place(quantity.upTo(), unit, end);
        }
        return new Place(limited(quantity, tokens, at), unit, end);
    }

    /** "30+", but not "1 + 1". */
    private static boolean plus(List<String> tokens, int end) {
        return end < tokens.size()
                && tokens.get(end).equals("+")
                && (end + 1 == tokens.size() || !Quantity.isNumber(tokens.get(end + 1)));
    }

    private Quantity limited(Quantity quantity, List<String> tokens, int at) {
        String before = at > 0 ? tokens.get(at - 1) : "";
        if (ABOVE.contains(before) || ends(Lexicon.AT_LEAST, tokens, at)) {
            return quantity.orMore();
        }
        if (BELOW.contains(before) || ends(Lexicon.AT_MOST, tokens, at) && !ends(Lexicon.SUMS, tokens, at)) {
            return quantity.upTo();
        }
        return NEARLY.contains(before) || ends(Lexicon.ABOUT, tokens, at) ? quantity.about() : quantity;
    }

    /** Behind the number, and behind its unit. */
    private boolean stands(String role, List<String> tokens, int end) {
        Forms forms = lexicon.forms(role);
        int at = end;
        while (at < Math.min(tokens.size(), end + MODIFIER)) {
            if (forms.lengthAt(tokens, at) > 0) {
                return true;
            }
            if (!PER.contains(tokens.get(at)) && lexicon.unit(tokens, at).isEmpty()) {
                return false;
            }
            at++;
        }
        return false;
    }

    private boolean ends(String role, List<String> tokens, int end) {
        Forms forms = lexicon.forms(role);
        for (int at = Math.max(0, end - MODIFIER); at < end; at++) {
            if (at + forms.lengthAt(tokens, at) == end) {
                return true;
            }
        }
        return false;
    }

    private String unit(List<String> tokens, int at) {
        int next = at;
        while (next < tokens.size() && PER.contains(tokens.get(next))) {
            next++;
        }
        return lexicon.unit(tokens, next).orElse("");
    }

    /** As in "52 breaths per minute" and "a 52/min respiratory rate". */
    List<Statements.Said> rightBefore(Clause clause, int from, int leastInWords, Polarity polarity) {
        List<String> tokens = clause.tokens();
        for (int at = from - 1; at >= Math.max(0, from - MODIFIER); at--) {
            if (Quantity.isNumber(tokens.get(at))) {
                Place place = at(clause, at, Integer.MAX_VALUE);
                return place == null ? List.of() : List.of(place.said(tokens.subList(at, at + 1), polarity));
            }
            if (!PER.contains(tokens.get(at)) && lexicon.unit(tokens, at).isEmpty()) {
                break;
            }
        }
        Quantity.Place words = from > 0 ? Quantity.at(tokens, from - 1, leastInWords) : null;
        Quantity.Place longer = from > 1 ? Quantity.at(tokens, from - 2, leastInWords) : null;
        Quantity.Place found = longer != null && longer.end() == from ? longer : words;
        return found == null
                ? List.of()
                : List.of(new Statements.Said(tokens.subList(from - 1, from), found.quantity(), "", polarity));
    }
}
