package ai.consilium.reward.rubric.language;

import ai.consilium.reward.rubric.language.Statements.Said;
import ai.consilium.reward.rubric.language.Statements.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a clause says of a finding. A value belongs to the finding that it stands right before, else to the one that it
 * follows; findings that are listed share a value. A number belongs to the finding that it follows, else to the one right behind it.
 */
final class ClauseReader {
    /** How far behind a finding its value may stand. */
    private static final int REACH = 24;
    /** How far behind a finding it may be denied. */
    private static final int NEAR = 5;
    /** Fewer are too often words of another meaning: "one of them". */
    private static final int LEAST_IN_WORDS = 10;

    private static final Set<String> ARTICLES = Set.of("a", "an", "the");
    private static final Set<String> LISTING =
            Set.of(",", "/", "and", "or", "nor", "+", "plus", "both", "as", "well", "also");
    private static final Set<String> MARKS = Set.of("<", ">", "\u2264", "\u2265", ":", "=");

    private final Lexicon lexicon;
    private final Forms references;
    private final Forms exclusions;
    private final Forms reservations;
    private final Forms confirmations;
    private final Quantities quantities;

    ClauseReader(Lexicon lexicon) {
        this.lexicon = lexicon;
        this.references = lexicon.forms(Lexicon.REFERENCES);
        this.exclusions = lexicon.forms(Lexicon.EXCLUSIONS);
        this.reservations = lexicon.forms(Lexicon.RESERVATIONS);
        this.confirmations = lexicon.forms(Lexicon.CONFIRMATIONS);
        this.quantities = new Quantities(lexicon);
    }

    /** What is said of the finding whose name stands between two tokens. */
    Statement read(Clause clause, int from, int to) {
        Polarity presence = presence(clause, from, to);
        List<Said> said = around(clause, from, to);
        if (said.isEmpty()) {
            said = rightBefore(clause, from).stream()
                    .map(value -> presence == Polarity.AFFIRMED ? value : value.with(presence))
                    .toList();
        }
        if (said.isEmpty()) {
            said = after(clause, from, to);
        }
        if (said.isEmpty()) {
            said = quantities.rightBefore(clause, from, LEAST_IN_WORDS, presence);
        }
        return new Statement(presence, said.isEmpty() ? shared(clause, from) : said);
    }

    /** A value that the finding is a word of, "no opacity", or that is a word of the finding, "danger sign". */
    private static List<Said> around(Clause clause, int from, int to) {
        for (int at = Math.max(0, from - NEAR); at < from; at++) {
            int length = clause.value(at);
            if (at + length >= to) {
                return List.of(word(clause, at, length, clause.polarity(at, 0)));
            }
        }
        for (int at = from; at < to; at++) {
            int length = clause.value(at);
            if (length > 0 && length < to - from && at + length <= to) {
                return List.of(word(clause, at, length, clause.polarity(from, 0)));
            }
        }
        return List.of();
    }

    private static Said word(Clause clause, int at, int length, Polarity polarity) {
        return new Said(clause.tokens().subList(at, at + length), null, "", polarity);
    }

    /** The value that ends right before a finding, but for words such as "of" and "the". */
    private List<Said> rightBefore(Clause clause, int from) {
        int end = from;
        while (end > 0 && clause.fills(end - 1)) {
            end--;
        }
        for (int at = Math.max(0, end - NEAR); at < end; at++) {
            int length = clause.value(at);
            if (length > 0 && at + length == end) {
                return List.of(word(clause, at, length, clause.polarity(at, 0)));
            }
        }
        return List.of();
    }

    /** The value before a list of findings: "raised urea and creatinine". */
    private List<Said> shared(Clause clause, int from) {
        int at = from - 1;
        int least = Math.max(0, from - REACH);
        while (at >= least) {
            if (LISTING.contains(clause.tokens().get(at)) || clause.fills(at)) {
                at--;
                continue;
            }
            int start = startOfName(clause, at);
            if (start < 0) {
                return List.of();
            }
            List<Said> said = rightBefore(clause, start);
            if (!said.isEmpty()) {
                return said;
            }
            at = start - 1;
        }
        return List.of();
    }

    /** Where the finding's name begins that ends with a token, or -1. */
    private int startOfName(Clause clause, int last) {
        for (int at = Math.max(0, last - NEAR); at <= last; at++) {
            if (at + clause.name(at) == last + 1) {
                return at;
            }
        }
        return -1;
    }

    /** The values after a finding and before the next; those behind the next ones where nothing stands between. */
    private List<Said> after(Clause clause, int from, int to) {
        List<String> tokens = clause.tokens();
        List<Said> found = new ArrayList<>();
        boolean listing = true;
        int at = to;
        int end = Math.min(tokens.size(), to + REACH);
        while (at < end) {
            int name = clause.name(at);
            int value = clause.value(at);
            Quantities.Place number = quantities.at(clause, at, LEAST_IN_WORDS);
            if (name > 0 && name >= value) {
                if (!found.isEmpty() || !listing) {
                    return found;
                }
                at += name;
            } else if (references.lengthAt(tokens, at) > value) {
                return found;
            } else if (value > 0) {
                int next = at + value;
                if (belongsToNext(clause, next)) {
                    return found;
                }
                if (refers(clause, at, next)) {
                    at = behindNumber(clause, next);
                    continue;
                }
                if (!attributive(clause, at, next)) {
                    found.add(word(clause, at, value, polarity(clause, at, from, to)));
                    // "3" is three of something, or a number.
                    if (number != null) {
                        found.add(number.said(tokens.subList(at, number.end()), polarity(clause, at, from, to)));
                    }
                }
                listing = false;
                at = outOf(clause, next);
            } else if (number != null) {
                found.add(number.said(tokens.subList(at, number.end()), polarity(clause, at, from, to)));
                listing = false;
                at = number.end();
            } else {
                listing &= LISTING.contains(tokens.get(at)) || ARTICLES.contains(tokens.get(at));
                at++;
            }
        }
        return found;
    }

    /** Of a value behind a finding: what stands between them counts, and what stands before both, if no comma parts it. */
    private static Polarity polarity(Clause clause, int value, int from, int to) {
        int since = clause.reachedFrom(value);
        boolean between = since >= to;
        boolean before = since >= 0 && since < from && !clause.parted(since, value);
        return clause.asked() || between || before ? clause.polarity(value, 0) : beforeName(clause, from, value);
    }

    private static Polarity beforeName(Clause clause, int from, int value) {
        int since = clause.reachedFrom(from);
        return since >= 0 && !clause.parted(since, value) ? clause.polarity(from, 0) : Polarity.AFFIRMED;
    }

    /** "(normal 2.5-7.8)": what would be normal. */
    private boolean refers(Clause clause, int at, int next) {
        List<String> tokens = clause.tokens();
        if (!tokens.get(at).equals("normal") || next >= tokens.size()) {
            return false;
        }
        String token = tokens.get(next);
        return Quantity.isNumber(token)
                || MARKS.contains(token)
                || lexicon.forms(Lexicon.AT_LEAST).lengthAt(tokens, next) > 0
                || lexicon.forms(Lexicon.AT_MOST).lengthAt(tokens, next) > 0;
    }

    /** "three of four": the second is how many there might be. */
    private static int outOf(Clause clause, int next) {
        boolean of = next + 1 < clause.size() && clause.tokens().get(next).equals("of");
        return of ? next + 1 + clause.value(next + 1) : next;
    }

    private int behindNumber(Clause clause, int from) {
        for (int at = from; at < Math.min(clause.size(), from + NEAR); at++) {
            Quantities.Place number = quantities.at(clause, at, LEAST_IN_WORDS);
            if (number != null) {
                return number.end();
            }
        }
        return from;
    }

    private boolean belongsToNext(Clause clause, int next) {
        return next < clause.size() && clause.name(next) > 0;
    }

    /** "a high risk": of something else. */
    private boolean attributive(Clause clause, int at, int next) {
        List<String> tokens = clause.tokens();
        return at > 0
                && ARTICLES.contains(tokens.get(at - 1))
                && next < tokens.size()
                && Sentence.isWord(tokens.get(next))
                && !clause.fills(next)
                && lexicon.forms(Lexicon.SCOPE_ENDS).lengthAt(tokens, next) == 0
                && !LISTING.contains(tokens.get(next));
    }

    /** Whether a finding is said to be there. */
    Polarity presence(Clause clause, int from, int to) {
        Polarity before = clause.polarity(from, 0);
        int end = Math.min(clause.size(), to + NEAR);
        for (int at = to;
                at < end
                        && clause.name(at) == 0
                        && !LISTING.contains(clause.tokens().get(at));
                at++) {
            Polarity behind = behind(clause, at);
            if (behind != null) {
                // "no sign of confusion was seen" denies still; "no fever, confusion present" does not.
                boolean parted = clause.reachedFrom(from) >= 0 && clause.parted(clause.reachedFrom(from), from);
                boolean outweighs = behind != Polarity.AFFIRMED || before == Polarity.AFFIRMED || parted;
                return clause.asked() ? Polarity.OPEN : outweighs ? behind : before;
            }
        }
        return before;
    }

    private @Nullable Polarity behind(Clause clause, int at) {
        List<String> tokens = clause.tokens();
        int denied = exclusions.lengthAt(tokens, at);
        int open = reservations.lengthAt(tokens, at);
        int there = confirmations.lengthAt(tokens, at);
        if (denied + open + there == 0) {
            boolean ends = at + 1 == tokens.size() || !Sentence.isWord(tokens.get(at + 1));
            return ends && tokens.get(at).equals("no") ? Polarity.DENIED : null;
        }
        return there >= Math.max(denied, open) ? Polarity.AFFIRMED : open >= denied ? Polarity.OPEN : Polarity.DENIED;
    }
}
