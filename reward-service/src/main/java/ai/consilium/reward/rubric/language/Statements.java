package ai.consilium.reward.rubric.language;

import ai.consilium.cases.format.Case;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a reasoning says of findings, clause by clause ({@link ClauseReader}), and of its rule's score. */
public final class Statements {
    private final Lexicon lexicon;
    private final List<Clause> clauses;
    private final Set<String> values = new LinkedHashSet<>(List.of("high", "low", "normal"));
    private final Forms names;
    private final Forms spoken;
    private final ClauseReader reader;
    private final Map<Subject, List<Statement>> told = new HashMap<>();

    /** Of a reasoning. @param evidence whose findings may be spoken of */
    public Statements(List<Sentence> sentences, Lexicon lexicon, Case.Evidence evidence) {
        this.lexicon = lexicon;
        evidence.findings().stream()
                .flatMap(finding -> Stream.concat(Stream.of(finding.value()), lexicon.scale(finding.value()).stream()))
                .filter(Statements::isWordValue)
                .forEach(values::add);
        this.names = lexicon.forms(evidence.findings().stream()
                .map(Case.Finding::name)
                .flatMap(name -> Stream.concat(Stream.of(name), compounds(name, values)))
                .toList());
        this.spoken = lexicon.forms(values);
        this.reader = new ClauseReader(lexicon);
        this.clauses = sentences.stream()
                .flatMap(sentence -> Clause.of(sentence, lexicon, names, spoken).stream())
                .toList();
    }

    private record Subject(String name, Set<String> values) {}

    /** Whatever the findings are called. */
    public Forms names() {
        return names;
    }

    private Stream<String> compounds(String name, Collection<String> possible) {
        return possible.stream().map(value -> name + " " + value).filter(lexicon::knows);
    }

    private static boolean isWordValue(String value) {
        return !Lexicon.PRESENT.contains(value)
                && !Lexicon.ABSENT.contains(value)
                && Quantity.leading(value).isEmpty();
    }

    /**
     * One value that is said of a finding.
     *
     * @param words as it is written
     * @param quantity null for words
     * @param unit of the quantity; empty where none that is known
     */
    record Said(List<String> words, @Nullable Quantity quantity, String unit, Polarity polarity) {
        Said with(Polarity other) {
            return new Said(words, quantity, unit, other);
        }
    }

    /**
     * What is said of a finding at one place.
     *
     * @param presence whether it is said to be there
     * @param said its values
     */
    record Statement(Polarity presence, List<Said> said) {}

    /** All that is said of a finding. @param others values that are words, beside those of the case */
    List<Statement> of(String name, Collection<String> others) {
        Set<String> known = new LinkedHashSet<>(values);
        others.stream().filter(Statements::isWordValue).forEach(known::add);
        return told.computeIfAbsent(new Subject(name, known), this::statements);
    }

    private List<Statement> statements(Subject subject) {
        Forms called = lexicon.forms(subject.name());
        Map<Forms, Said> inOne = compounds(subject);
        List<Statement> statements = new ArrayList<>();
        for (Clause each : clauses) {
            Clause clause =
                    subject.values().size() == values.size() ? each : each.with(lexicon.forms(subject.values()));
            int at = 0;
            while (at < clause.size()) {
                int length = called.lengthAt(clause.tokens(), at);
                int longer = inOne(clause, at, length, inOne, statements);
                if (longer == 0 && length > 0) {
                    statements.add(reader.read(clause, at, at + length));
                }
                at += Math.max(1, Math.max(length, longer));
            }
        }
        return statements;
    }

    private Map<Forms, Said> compounds(Subject subject) {
        Map<Forms, Said> compounds = new LinkedHashMap<>();
        for (String value : subject.values()) {
            String both = subject.name() + " " + value;
            if (lexicon.knows(both)) {
                compounds.put(
                        lexicon.forms(both).without(Sentence.split(both)),
                        new Said(Sentence.split(value), null, "", Polarity.AFFIRMED));
            }
        }
        return compounds;
    }

    /** Name and value in one word, such as "tachypnoea". @return how many words it has; 0 where none stands there */
    private int inOne(Clause clause, int at, int longerThan, Map<Forms, Said> inOne, List<Statement> statements) {
        for (Map.Entry<Forms, Said> compound : inOne.entrySet()) {
            int length = compound.getKey().lengthAt(clause.tokens(), at);
            if (length > longerThan) {
                Polarity polarity = reader.presence(clause, at, at + length);
                statements.add(
                        new Statement(polarity, List.of(compound.getValue().with(polarity))));
                return length;
            }
        }
        return 0;
    }

    /** Whether one of these is spoken of and not denied. */
    boolean affirms(Clause clause, Forms forms) {
        for (int at = 0; at < clause.size(); at++) {
            int length = forms.lengthAt(clause.tokens(), at);
            if (length > 0 && reader.presence(clause, at, at + length) == Polarity.AFFIRMED) {
                return true;
            }
        }
        return false;
    }

    /** Whether a sentence speaks of one of these, and neither denies it nor leaves it open. */
    public boolean affirms(Sentence sentence, Forms forms) {
        return Clause.of(sentence, lexicon, names, spoken).stream().anyMatch(clause -> affirms(clause, forms));
    }

    /** Whether a finding is stated with its value. */
    public boolean states(Case.Finding finding) {
        FindingValue value = new FindingValue(finding.value(), lexicon, values, Set.of());
        return of(finding.name(), List.of(finding.value())).stream().anyMatch(value::agrees);
    }

    /** Whether a finding is stated with another value. @param others what counts as one, beside those of the case and of its scales */
    public boolean contradicts(Case.Finding finding, Collection<String> others) {
        FindingValue value = new FindingValue(finding.value(), lexicon, values, others);
        return of(finding.name(), others).stream().anyMatch(value::disagrees);
    }

    /** What is said last of something: one of the values, or a number. */
    public Optional<String> stated(String name, Collection<String> possible) {
        List<FindingValue> known = possible.stream()
                .map(value -> new FindingValue(value, lexicon, values, possible))
                .toList();
        String last = null;
        for (Statement statement : of(name, possible)) {
            last = known.stream()
                    .filter(value -> value.agrees(statement))
                    .map(FindingValue::text)
                    .findFirst()
                    .or(() -> number(statement))
                    .orElse(last);
        }
        return Optional.ofNullable(last);
    }

    private static Optional<String> number(Statement statement) {
        return statement.said().stream()
                .filter(said -> said.polarity() == Polarity.AFFIRMED)
                .flatMap(said -> Stream.ofNullable(said.quantity()))
                .flatMap(quantity -> quantity.named().stream().sorted().limit(1))
                .map(number -> BigDecimal.valueOf(number).stripTrailingZeros().toPlainString())
                .findFirst();
    }

    /** Whether a rule's score is what is stated last of it. */
    public boolean statesScore(String rule, String score) {
        return new StatedScore(lexicon, rule, names).states(clauses, score);
    }
}
