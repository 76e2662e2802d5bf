package ai.consilium.reward.rubric.language;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The score that a reasoning says a rule gives: what is said last counts, for sums run. */
final class StatedScore {
    private static final int REACH = 8;
    private static final Set<String> EQUALS = Set.of("=", "equal");

    private final Lexicon lexicon;
    private final Forms scores;
    private final Forms points;
    private final Forms others;
    private final Forms names;
    private final Quantities quantities;

    /** @param rule whose score it is @param names of findings, whose numbers are no score */
    StatedScore(Lexicon lexicon, String rule, Forms names) {
        this.lexicon = lexicon;
        Forms called = lexicon.forms(Lexicon.SCORES);
        Forms own = Forms.of(List.of(Sentence.split(rule.split("[(,]", 2)[0])));
        this.scores = Forms.union(List.of(called, own));
        this.points = lexicon.forms("point");
        this.others = lexicon.forms(Lexicon.OTHER_SCORES);
        this.names = names;
        this.quantities = new Quantities(lexicon);
    }

    /** Whether the score is what is stated last. */
    boolean states(List<Clause> clauses, String score) {
        boolean number = Quantity.isNumber(score.strip());
        if (!number) {
            Forms said = lexicon.forms(score);
            return clauses.stream().anyMatch(clause -> clause.has(scores) && clause.has(said));
        }
        Quantity wanted = Quantity.of(score.strip());
        Quantity last = null;
        for (Clause clause : clauses) {
            Quantity here = last(clause);
            last = here == null ? last : here;
        }
        return last != null && last.whole() == wanted.whole() && last.is(wanted);
    }

    private @Nullable Quantity last(Clause clause) {
        Quantity last = null;
        boolean spoken = false;
        List<String> tokens = clause.tokens();
        int at = 0;
        while (at < tokens.size()) {
            int other = others.lengthAt(tokens, at);
            int score = scores.lengthAt(tokens, at);
            Quantities.Place number = quantities.at(clause, at, 0);
            if (other > score) {
                spoken = false;
                at += other;
            } else if (score > 0) {
                spoken = true;
                Quantity behind = behind(clause, at, at + score);
                last = behind == null ? last : behind;
                at += score;
            } else if (number != null) {
                boolean counted = number.end() < tokens.size()
                        && points.lengthAt(tokens, number.end()) > 0
                        && others.lengthAt(tokens, number.end()) == 0;
                boolean summed = spoken && at > 0 && EQUALS.contains(tokens.get(at - 1));
                last = (counted || summed) && said(clause, number, at) ? number.quantity() : last;
                at = number.end();
            } else {
                at++;
            }
        }
        return last;
    }

    /** The number behind the word. */
    private @Nullable Quantity behind(Clause clause, int from, int to) {
        List<String> tokens = clause.tokens();
        int end = Math.min(tokens.size(), to + REACH);
        for (int at = to; at < end; at++) {
            if (names.lengthAt(tokens, at) > 0 || others.lengthAt(tokens, at) > 0) {
                return null;
            }
            Quantities.Place number = quantities.at(clause, at, 0);
            if (number != null && clause.polarity(at, to) != Polarity.DENIED) {
                boolean score = number.end() == tokens.size() || others.lengthAt(tokens, number.end()) == 0;
                return score && said(clause, number, at) && clause.polarity(from, 0) == Polarity.AFFIRMED
                        ? number.quantity()
                        : null;
            }
        }
        return null;
    }

    private static boolean said(Clause clause, Quantities.Place number, int at) {
        return !number.quantity().named().isEmpty() && clause.polarity(at, 0) == Polarity.AFFIRMED;
    }
}
