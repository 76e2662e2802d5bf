package ai.consilium.reward.rubric.language;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** A part of a sentence that says one thing, and how far denials and doubts reach in it. */
final class Clause {
    /** How many words a denial reaches; each further item of a list begins anew. */
    private static final int SCOPE = 5;

    private static final String COMMA = ",";
    private static final Set<String> LISTING = Set.of(COMMA, "/", "and", "or", "nor", "+", "plus");
    private static final Set<String> RELATIVE = Set.of("which", "that", "who", "whose");

    private final List<String> tokens;
    private final boolean asked;
    /** By token: where the denial, doubt or assurance began that reaches it, or -1. */
    private final int[] reached;

    private final Polarity[] begun;
    private final int[] commas;

    private final int[] names;
    private final int[] values;
    private final int[] fillers;

    private Clause(List<String> tokens, boolean asked, Lexicon lexicon, Forms names, Forms values) {
        this.tokens = tokens;
        this.asked = asked;
        this.names = lengths(names);
        this.values = lengths(values);
        this.fillers = lengths(lexicon.forms(Lexicon.FILLERS));
        this.reached = new int[tokens.size() + 1];
        this.begun = new Polarity[tokens.size()];
        this.commas = new int[tokens.size() + 1];
        Arrays.fill(begun, Polarity.AFFIRMED);
        spread(lexicon);
    }

    private Clause(Clause other, Forms values) {
        this.tokens = other.tokens;
        this.asked = other.asked;
        this.names = other.names;
        this.values = lengths(values);
        this.fillers = other.fillers;
        this.reached = other.reached;
        this.begun = other.begun;
        this.commas = other.commas;
    }

    /** The same with other values. */
    Clause with(Forms others) {
        return new Clause(this, others);
    }

    private int[] lengths(Forms forms) {
        return IntStream.range(0, tokens.size())
                .map(at -> forms.lengthAt(tokens, at))
                .toArray();
    }

    /**
     * The clauses of a sentence: they begin at a conjunction, and at a comma or "and" between two that have a verb each.
     *
     * @param names of findings
     * @param values what they may have: "but normal" still belongs to what was spoken of
     */
    static List<Clause> of(Sentence sentence, Lexicon lexicon, Forms names, Forms values) {
        List<String> tokens = sentence.tokens();
        boolean[] verbs = new boolean[tokens.size()];
        Forms known = lexicon.forms(Lexicon.VERBS);
        for (int at = 0; at < tokens.size(); at++) {
            verbs[at] = known.lengthAt(tokens, at) > 0;
        }
        List<Clause> clauses = new ArrayList<>();
        int from = 0;
        boolean verb = false;
        int next = segment(tokens, 0);
        for (int at = 0; at < tokens.size(); at++) {
            boolean separates = at == next;
            if (separates) {
                next = segment(tokens, at + 1);
            }
            boolean begins = at > from
                    && (conjoins(tokens, at, lexicon, values)
                            || separates && begins(tokens, at + 1, next, verb, verbs, lexicon));
            if (begins) {
                clauses.add(new Clause(tokens.subList(from, at), sentence.asked(), lexicon, names, values));
                from = at;
                verb = false;
            }
            verb |= verbs[at];
        }
        clauses.add(new Clause(tokens.subList(from, tokens.size()), sentence.asked(), lexicon, names, values));
        return clauses;
    }

    /** Where the next comma or "and" is. */
    private static int segment(List<String> tokens, int from) {
        int at = from;
        while (at < tokens.size()
                && !tokens.get(at).equals(COMMA)
                && !tokens.get(at).equals("and")) {
            at++;
        }
        return at;
    }

    private static boolean conjoins(List<String> tokens, int at, Lexicon lexicon, Forms values) {
        int length = lexicon.forms(Lexicon.CONJUNCTIONS).lengthAt(tokens, at);
        if (length == 0) {
            return false;
        }
        int next = at + length;
        Forms fillers = lexicon.forms(Lexicon.FILLERS);
        while (next < tokens.size() && fillers.lengthAt(tokens, next) == 1) {
            next++;
        }
        if (next >= tokens.size()) {
            return true;
        }
        Quantity.Place number = Quantity.at(tokens, next, 0);
        int behind = number == null ? next + values.lengthAt(tokens, next) : number.end();
        return behind == next || behind < tokens.size() && Sentence.isWord(tokens.get(behind));
    }

    private static boolean begins(
            List<String> tokens, int from, int end, boolean verbBefore, boolean[] verbs, Lexicon lexicon) {
        if (from >= end || RELATIVE.contains(tokens.get(from))) {
            return false;
        }
        if (lexicon.forms(Lexicon.SUBJECTS).lengthAt(tokens, from) > 0) {
            return true;
        }
        for (int at = from + 1; verbBefore && !verbs[from] && at < end; at++) {
            if (verbs[at]) {
                return true;
            }
        }
        return false;
    }

    private void spread(Lexicon lexicon) {
        Forms denials = lexicon.forms(Lexicon.DENIALS);
        Forms doubts = lexicon.forms(Lexicon.DOUBTS);
        Forms assurances = lexicon.forms(Lexicon.ASSURANCES);
        Forms conjunctions = lexicon.forms(Lexicon.CONJUNCTIONS);
        Forms ends = lexicon.forms(Lexicon.SCOPE_ENDS);
        int active = -1;
        int left = 0;
        boolean valued = false;
        int at = 0;
        while (at < tokens.size()) {
            int denial = denials.lengthAt(tokens, at);
            int doubt = doubts.lengthAt(tokens, at);
            int assurance = assurances.lengthAt(tokens, at);
            int length = Math.max(denial, Math.max(doubt, assurance));
            boolean exclaimed =
                    length == 1 && at + 1 < tokens.size() && tokens.get(at + 1).equals(COMMA);
            if (length > 0 && !exclaimed) {
                begun[at] = assurance == length ? Polarity.AFFIRMED : doubt == length ? Polarity.OPEN : Polarity.DENIED;
                reached[at] = active;
                Arrays.fill(reached, at + 1, at + length, at);
                Arrays.fill(commas, at + 1, at + length + 1, commas[at]);
                active = at;
                left = SCOPE;
                valued = false;
                at += length;
                continue;
            }
            reached[at] = active;
            String token = tokens.get(at);
            commas[at + 1] = commas[at] + (token.equals(COMMA) ? 1 : 0);
            if (LISTING.contains(token) && active >= 0) {
                left = SCOPE;
                active = valued && token.equals(COMMA) ? -1 : active;
            } else if (ends.lengthAt(tokens, at) > 0 || conjunctions.lengthAt(tokens, at) > 0) {
                active = -1;
            } else if (Sentence.isWord(token) && fillers[at] == 0) {
                valued |= values[at] > 0;
                left--;
                active = left < 0 ? -1 : active;
            }
            at++;
        }
        reached[tokens.size()] = -1;
    }

    List<String> tokens() {
        return tokens;
    }

    int size() {
        return tokens.size();
    }

    /** How many tokens the longest finding's name has that begins at one; 0 where none does. */
    int name(int at) {
        return names[at];
    }

    /** How many tokens the longest value has that begins at one; 0 where none does. */
    int value(int at) {
        return values[at];
    }

    /** Whether a token may stand between a value and its finding. */
    boolean fills(int at) {
        return fillers[at] == 1;
    }

    /** Whether a comma stands between two tokens. */
    boolean parted(int from, int to) {
        return commas[to] > commas[from];
    }

    /** What reaches a token, if it began at or after another; affirmed where nothing does. */
    Polarity polarity(int at, int since) {
        if (asked) {
            return Polarity.OPEN;
        }
        return reached[at] < Math.max(0, since) ? Polarity.AFFIRMED : begun[reached[at]];
    }

    /** Where that began which reaches a token, or -1. */
    int reachedFrom(int at) {
        return reached[at];
    }

    /** Whether it stands in a question. */
    boolean asked() {
        return asked;
    }

    /** Whether one of these forms stands somewhere. */
    boolean has(Forms forms) {
        for (int at = 0; at < tokens.size(); at++) {
            if (forms.lengthAt(tokens, at) > 0) {
                return true;
            }
        }
        return false;
    }
}
