package ai.consilium.reward.rubric;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.cases.format.Case;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** One line of a rubric: how far a reasoning meets it, checked against the case's ground truth or by a judge. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Criterion.StatesFindings.class, name = "states_findings"),
    @JsonSubTypes.Type(value = Criterion.StatesKeyFinding.class, name = "states_key_finding"),
    @JsonSubTypes.Type(value = Criterion.ContradictsFindings.class, name = "contradicts_findings"),
    @JsonSubTypes.Type(value = Criterion.StatesScore.class, name = "states_score"),
    @JsonSubTypes.Type(value = Criterion.NamesCandidates.class, name = "names_candidates"),
    @JsonSubTypes.Type(value = Criterion.Mentions.class, name = "mentions"),
    @JsonSubTypes.Type(value = Criterion.InOrder.class, name = "in_order"),
    @JsonSubTypes.Type(value = Criterion.FindingsInOrder.class, name = "findings_in_order"),
    @JsonSubTypes.Type(value = Criterion.MaxWords.class, name = "max_words"),
    @JsonSubTypes.Type(value = Criterion.Prose.class, name = "prose"),
    @JsonSubTypes.Type(value = Criterion.Concludes.class, name = "concludes"),
    @JsonSubTypes.Type(value = TableCriterion.class, name = "decision_table"),
    @JsonSubTypes.Type(value = JudgedCriterion.class, name = "judge")
})
sealed interface Criterion
        permits Criterion.StatesFindings,
                Criterion.StatesKeyFinding,
                Criterion.ContradictsFindings,
                Criterion.StatesScore,
                Criterion.NamesCandidates,
                Criterion.Mentions,
                Criterion.InOrder,
                Criterion.FindingsInOrder,
                Criterion.MaxWords,
                Criterion.Prose,
                Criterion.Concludes,
                TableCriterion,
                JudgedCriterion {
    /**
     * How far a criterion is met.
     *
     * @param met in [0, 1]
     * @param note for people
     */
    record Check(double met, String note) {}

    /** Weight in the rubric; a negative one punishes what is met. */
    double weight();

    /** The check, or empty where the case gives nothing to check it by: then it leaves the rubric for this case. */
    Optional<Check> check(Reading reading, Case.Evidence evidence);

    /** With what it names in files taken in, so that it goes to the log whole. */
    default Criterion resolved(UnaryOperator<String> files) {
        return this;
    }

    /** Which findings count. */
    enum Which {
        ALL,
        ABNORMAL
    }

    /** Fraction of the findings that are stated with their value. */
    record StatesFindings(double weight, Which which) implements Criterion {
        /** Checks its fields. */
        public StatesFindings {
            requireWeight(weight);
            Objects.requireNonNull(which, "which: all or abnormal is needed");
        }

        @Override
        public Optional<Check> check(Reading reading, Case.Evidence evidence) {
            List<Case.Finding> wanted = evidence.findings().stream()
                    .filter(finding -> which == Which.ALL || finding.abnormal())
                    .toList();
            if (wanted.isEmpty()) {
                return Optional.empty();
            }
            List<String> absent = wanted.stream()
                    .filter(finding -> !reading.states(finding))
                    .map(finding -> finding.name() + " " + finding.value())
                    .toList();
            double met = 1 - (double) absent.size() / wanted.size();
            return Optional.of(new Check(met, absent.isEmpty() ? "states the findings" : "does not state " + absent));
        }
    }

    /** Whether at least one abnormal finding is stated. */
    record StatesKeyFinding(double weight) implements Criterion {
        /** Checks its fields. */
        public StatesKeyFinding {
            requireWeight(weight);
        }

        @Override
        public Optional<Check> check(Reading reading, Case.Evidence evidence) {
            List<Case.Finding> abnormal =
                    evidence.findings().stream().filter(Case.Finding::abnormal).toList();
            if (abnormal.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(abnormal.stream()
                    .filter(reading::states)
                    .findFirst()
                    .map(finding -> new Check(1, "key finding " + finding.name() + " " + finding.value()))
                    .orElse(new Check(0, "no key finding")));
        }
    }

    /**
     * Fraction of the findings that are stated with a wrong value.
     *
     * @param values what counts as a value beside those of the case's own findings
     */
    record ContradictsFindings(double weight, List<String> values) implements Criterion {
        /** Checks its fields. */
        public ContradictsFindings {
            requireWeight(weight);
            values = List.copyOf(Objects.requireNonNull(values, "values: a list is needed; [] for none"));
        }

        @Override
        public Optional<Check> check(Reading reading, Case.Evidence evidence) {
            if (evidence.findings().isEmpty()) {
                return Optional.empty();
            }
            List<String> known = Stream.concat(
                            values.stream(), evidence.findings().stream().map(Case.Finding::value))
                    .toList();
            List<String> wrong = evidence.findings().stream()
                    .filter(finding -> reading.contradicts(finding, known))
                    .map(Case.Finding::name)
                    .toList();
            double met = (double) wrong.size() / evidence.findings().size();
            return Optional.of(new Check(met, wrong.isEmpty() ? "contradicts nothing" : "contradicts " + wrong));
        }
    }

    /** Whether the rule's score is stated as such. */
    record StatesScore(double weight) implements Criterion {
        /** Checks its fields. */
        public StatesScore {
            requireWeight(weight);
        }

        @Override
        public Optional<Check> check(Reading reading, Case.Evidence evidence) {
            return Optional.ofNullable(evidence.score())
                    .map(score -> reading.statesScore(score)
                            ? new Check(1, "score " + score)
                            : new Check(0, "does not state score " + score));
        }
    }

    /** Whether at least so many of the options that a differential must weigh are named, in part where fewer are. */
    record NamesCandidates(double weight, int atLeast) implements Criterion {
        /** Checks its fields. */
        public NamesCandidates {
            requireWeight(weight);
            require(atLeast >= 1, "at_least: must be 1 or more, not " + atLeast);
        }

        @Override
        public Optional<Check> check(Reading reading, Case.Evidence evidence) {
            if (evidence.candidates().isEmpty()) {
                return Optional.empty();
            }
            int wanted = Math.min(atLeast, evidence.candidates().size());
            Set<String> named = reading.named(evidence.candidates());
            return Optional.of(new Check(Math.min(1, (double) named.size() / wanted), "candidates named " + named));
        }
    }

    /** Fraction of the phrases that are said. */
    record Mentions(double weight, List<String> words) implements Criterion {
        /** Checks its fields. */
        public Mentions {
            requireWeight(weight);
            words = List.copyOf(Objects.requireNonNull(words, "words: at least one is needed"));
            require(!words.isEmpty(), "words: at least one is needed");
        }

        @Override
        public Optional<Check> check(Reading reading, Case.Evidence evidence) {
            List<String> said = words.stream().filter(reading::says).toList();
            return Optional.of(new Check((double) said.size() / words.size(), "says " + said));
        }
    }

    /** Fraction of the phrases that are said one after the other, in their order. */
    record InOrder(double weight, List<String> words) implements Criterion {
        /** Checks its fields. */
        public InOrder {
            requireWeight(weight);
            words = List.copyOf(Objects.requireNonNull(words, "words: at least two are needed"));
            require(words.size() >= 2, "words: at least two are needed");
        }

        @Override
        public Optional<Check> check(Reading reading, Case.Evidence evidence) {
            return Optional.of(inOrder(reading, words));
        }
    }

    /** Fraction of the findings that are spoken of one after the other, in the order that the case has them. */
    record FindingsInOrder(double weight) implements Criterion {
        /** Checks its fields. */
        public FindingsInOrder {
            requireWeight(weight);
        }

        @Override
        public Optional<Check> check(Reading reading, Case.Evidence evidence) {
            List<String> names =
                    evidence.findings().stream().map(Case.Finding::name).toList();
            return names.isEmpty() ? Optional.empty() : Optional.of(inOrder(reading, names));
        }
    }

    private static Check inOrder(Reading reading, List<String> phrases) {
        int said = reading.inOrder(phrases);
        return new Check((double) said / phrases.size(), said + " of " + phrases.size() + " in their order");
    }

    /** Whether something is said in at most so many words. */
    record MaxWords(double weight, int limit) implements Criterion {
        /** Checks its fields. */
        public MaxWords {
            requireWeight(weight);
            require(limit >= 1, "limit: must be 1 or more, not " + limit);
        }

        @Override
        public Optional<Check> check(Reading reading, Case.Evidence evidence) {
            int count = reading.words().size();
            return Optional.of(new Check(count >= 1 && count <= limit ? 1 : 0, count + " words"));
        }
    }

    /** Share of sentences that are sentences, each counted once. */
    record Prose(double weight) implements Criterion {
        /** Checks its fields. */
        public Prose {
            requireWeight(weight);
        }

        @Override
        public Optional<Check> check(Reading reading, Case.Evidence evidence) {
            double share = reading.prose();
            return Optional.of(new Check(share, Math.round(100 * share) + " % sentences"));
        }
    }

    /** Whether the end names a candidate, after findings. */
    record Concludes(double weight) implements Criterion {
        /** Checks its fields. */
        public Concludes {
            requireWeight(weight);
        }

        @Override
        public Optional<Check> check(Reading reading, Case.Evidence evidence) {
            if (evidence.candidates().isEmpty()) {
                return Optional.empty();
            }
            boolean ends = reading.concludes(evidence);
            return Optional.of(new Check(ends ? 1 : 0, ends ? "concludes" : "does not conclude"));
        }
    }

    /** A weight is a number other than 0. */
    static void requireWeight(double weight) {
        require(Double.isFinite(weight) && weight != 0, "weight: must be a number other than 0, not " + weight);
    }
}
