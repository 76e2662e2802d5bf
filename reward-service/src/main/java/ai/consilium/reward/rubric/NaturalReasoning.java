package ai.consilium.reward.rubric;

import ai.consilium.cases.format.Case;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Reasoning in sentences. A finding is stated where, in one clause, it is named and said to have its value: in any order, by
 * any of the words that the lexicon knows, and not denied. A value belongs to the finding that it stands right before, else to
 * the one that it follows; findings that are listed share the value that follows them.
 */
final class NaturalReasoning implements Reading {
    /** How far a denial reaches. */
    private static final int SCOPE = 5;
    /** How far behind a finding its value may stand. */
    private static final int REACH = 24;
    /** Fewer words are no sentence. */
    private static final int SHORTEST = 4;

    private final Lexicon lexicon;
    private final List<Sentence> sentences;
    private final List<Sentence> clauses;
    private final Set<String> values = new LinkedHashSet<>();
    private final Forms names;
    private final Forms fillers;
    private final Forms denials;
    private final Forms exclusions;

    /** Reads the thought of a completion. @param evidence whose findings and values may be spoken of */
    NaturalReasoning(String completion, Lexicon lexicon, Case.Evidence evidence) {
        this.lexicon = lexicon;
        this.sentences = Sentence.of(NormalizedReasoning.thought(completion));
        Forms conjunctions = lexicon.forms(Lexicon.CONJUNCTIONS);
        this.clauses = sentences.stream()
                .flatMap(sentence -> sentence.clauses(conjunctions).stream())
                .toList();
        this.fillers = lexicon.forms(Lexicon.FILLERS);
        this.denials = lexicon.forms(Lexicon.DENIALS);
        this.exclusions = lexicon.forms(Lexicon.EXCLUSIONS);
        this.names = lexicon.forms(
                evidence.findings().stream().map(Case.Finding::name).toList());
        evidence.findings().forEach(finding -> values.add(finding.value()));
        values.addAll(List.of("high", "low", "normal"));
        values.removeAll(Lexicon.PRESENT);
        values.removeAll(Lexicon.ABSENT);
    }

    /**
     * What is said of a finding at one place.
     *
     * @param values as they are written
     * @param denied whether its being there is denied
     */
    private record Statement(List<Sentence> values, boolean denied) {}

    @Override
    public List<String> words() {
        return sentences.stream().flatMap(sentence -> sentence.words().stream()).toList();
    }

    @Override
    public boolean says(String phrase) {
        return sentences.stream().anyMatch(sentence -> sentence.has(lexicon.forms(phrase)));
    }

    @Override
    public OptionalInt endOf(String phrase, int from) {
        Forms forms = lexicon.forms(phrase);
        Sentence all = new Sentence(words());
        return IntStream.range(from, all.words().size())
                .filter(at -> all.startsAt(forms, at) > 0)
                .map(at -> at + all.startsAt(forms, at))
                .findFirst();
    }

    @Override
    public boolean states(Case.Finding finding) {
        return statements(finding.name(), values).stream().anyMatch(statement -> agrees(statement, finding.value()));
    }

    @Override
    public boolean contradicts(Case.Finding finding, Collection<String> others) {
        Set<String> known = new LinkedHashSet<>(values);
        known.addAll(others);
        known.removeAll(Lexicon.PRESENT);
        known.removeAll(Lexicon.ABSENT);
        return statements(finding.name(), known).stream().anyMatch(statement -> disagrees(statement, finding.value()));
    }

    @Override
    public Optional<String> stated(String name, Collection<String> possible) {
        Set<String> spoken = new LinkedHashSet<>(values);
        spoken.addAll(possible);
        spoken.removeAll(Lexicon.PRESENT);
        spoken.removeAll(Lexicon.ABSENT);
        String last = null;
        for (Statement statement : statements(name, spoken)) {
            Optional<String> value =
                    possible.stream().filter(one -> agrees(statement, one)).findFirst();
            if (value.isPresent()) {
                last = value.get();
            } else if (!statement.denied()) {
                last = statement.values().stream()
                        .filter(NaturalReasoning::isNumber)
                        .findFirst()
                        .map(said -> said.words().get(0))
                        .orElse(last);
            }
        }
        return Optional.ofNullable(last);
    }

    @Override
    public Set<String> concluded(Collection<String> phrases) {
        return sentences.isEmpty() ? Set.of() : named(List.of(sentences.get(sentences.size() - 1)), phrases);
    }

    private boolean agrees(Statement statement, String value) {
        if (Lexicon.PRESENT.contains(value)) {
            return !statement.denied();
        }
        if (Lexicon.ABSENT.contains(value)) {
            return statement.denied();
        }
        return !statement.denied() && statement.values().stream().anyMatch(said -> same(said, value));
    }

    private boolean disagrees(Statement statement, String value) {
        if (Lexicon.PRESENT.contains(value) || Lexicon.ABSENT.contains(value)) {
            return !agrees(statement, value);
        }
        List<Sentence> comparable = statement.values().stream()
                .filter(said -> isNumber(said) == isNumber(new Sentence(Sentence.split(value))))
                .toList();
        return !statement.denied()
                && !comparable.isEmpty()
                && comparable.stream().noneMatch(said -> same(said, value));
    }

    private boolean same(Sentence said, String value) {
        if (lexicon.forms(value).contains(said.words())) {
            return true;
        }
        double number = Sentence.number(value.strip().split("[\\s/%]", 2)[0]);
        return isNumber(said) && Sentence.number(said.words().get(0)) == number;
    }

    private static boolean isNumber(Sentence said) {
        return !said.words().isEmpty()
                && !Double.isNaN(Sentence.number(said.words().get(0)));
    }

    private List<Statement> statements(String name, Set<String> known) {
        Forms forms = lexicon.forms(name);
        Forms spoken = lexicon.forms(known);
        List<Statement> statements = new ArrayList<>();
        for (Sentence clause : clauses) {
            int at = 0;
            while (at < clause.words().size()) {
                int length = clause.startsAt(forms, at);
                if (length > 0) {
                    statements.add(statement(clause, at, at + length, spoken));
                }
                at += Math.max(1, length);
            }
        }
        return statements;
    }

    private Statement statement(Sentence clause, int from, int to, Forms spoken) {
        boolean denied = denied(clause, from, to);
        List<Sentence> before = rightBefore(clause, from, spoken);
        List<Sentence> said = before.isEmpty() ? after(clause, to, spoken) : before;
        return new Statement(said.isEmpty() ? numberBefore(clause, from) : said, denied);
    }

    /** As in "52 breaths per minute"; only where nothing is said behind the finding, whose number it may be otherwise. */
    private static List<Sentence> numberBefore(Sentence clause, int from) {
        boolean number =
                from > 0 && !Double.isNaN(Sentence.number(clause.words().get(from - 1)));
        return number ? List.of(new Sentence(clause.words().subList(from - 1, from))) : List.of();
    }

    /** The value that ends right before a finding, but for words such as "of" and "the". */
    private List<Sentence> rightBefore(Sentence clause, int from, Forms spoken) {
        int end = from;
        while (end > 0 && clause.startsAt(fillers, end - 1) == 1) {
            end--;
        }
        for (int at = Math.max(0, end - SCOPE); at < end; at++) {
            if (at + clause.startsAt(spoken, at) == end) {
                return List.of(new Sentence(clause.words().subList(at, end)));
            }
        }
        return List.of();
    }

    /** The values after a finding and before the next; those behind the next ones where nothing stands between. */
    private List<Sentence> after(Sentence clause, int to, Forms spoken) {
        List<Sentence> found = new ArrayList<>();
        int at = to;
        int end = Math.min(clause.words().size(), to + REACH);
        while (at < end) {
            int name = clause.startsAt(names, at);
            if (name > 0 && !found.isEmpty()) {
                return found;
            }
            int value = clause.startsAt(spoken, at);
            boolean number = !Double.isNaN(Sentence.number(clause.words().get(at)));
            if (value > 0 || number) {
                int next = at + Math.max(1, value);
                found.add(new Sentence(clause.words().subList(at, next)));
                at = next;
            } else {
                at += Math.max(1, name);
            }
        }
        return found;
    }

    private boolean denied(Sentence clause, int from, int to) {
        for (int at = Math.max(0, from - SCOPE); at < from; at++) {
            if (clause.startsAt(denials, at) > 0) {
                return true;
            }
        }
        int end = Math.min(clause.words().size(), to + SCOPE);
        for (int at = to; at < end; at++) {
            if (clause.startsAt(names, at) > 0) {
                return false;
            }
            if (clause.startsAt(exclusions, at) > 0) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean statesScore(String score) {
        double wanted = Sentence.number(score.strip());
        Forms called = lexicon.forms(Lexicon.SCORES);
        return clauses.stream()
                .filter(clause -> clause.has(called))
                .anyMatch(clause -> clause.words().stream()
                        .anyMatch(word -> Double.isNaN(wanted)
                                ? lexicon.forms(score).contains(List.of(word))
                                : Sentence.number(word) == wanted));
    }

    @Override
    public Set<String> named(Collection<String> phrases) {
        return named(sentences, phrases);
    }

    private Set<String> named(List<Sentence> in, Collection<String> phrases) {
        Map<String, Forms> byPhrase = new LinkedHashMap<>();
        phrases.forEach(phrase -> byPhrase.put(phrase, lexicon.forms(phrase)));
        Set<String> named = new LinkedHashSet<>();
        for (Sentence sentence : in) {
            int at = 0;
            while (at < sentence.words().size()) {
                String longest = "";
                int most = 0;
                for (Map.Entry<String, Forms> phrase : byPhrase.entrySet()) {
                    int length = sentence.startsAt(phrase.getValue(), at);
                    if (length > most) {
                        most = length;
                        longest = phrase.getKey();
                    }
                }
                if (most > 0) {
                    named.add(longest);
                }
                at += Math.max(1, most);
            }
        }
        return named;
    }

    @Override
    public double prose() {
        if (sentences.isEmpty()) {
            return 0;
        }
        Forms verbs = lexicon.forms(Lexicon.VERBS);
        Set<List<String>> seen = new HashSet<>();
        long good = sentences.stream()
                .filter(sentence ->
                        sentence.words().size() >= SHORTEST && sentence.has(verbs) && seen.add(sentence.words()))
                .count();
        return (double) good / sentences.size();
    }

    @Override
    public boolean concludes(Case.Evidence evidence) {
        if (sentences.size() < 2) {
            return false;
        }
        Sentence last = sentences.get(sentences.size() - 1);
        List<Sentence> earlier = sentences.subList(0, sentences.size() - 1);
        return !named(List.of(last), evidence.candidates()).isEmpty()
                && earlier.stream().anyMatch(sentence -> sentence.has(names));
    }
}
