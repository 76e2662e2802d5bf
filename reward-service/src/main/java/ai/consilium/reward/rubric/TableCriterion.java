package ai.consilium.reward.rubric;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.cases.format.Case;
import ai.consilium.reward.dmn.DecisionException;
import ai.consilium.reward.dmn.DecisionModel;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Whether a reasoning follows a published rule: what it states is put into the rule's tables, and what they decide is compared with
 * what the reasoning concludes (one half) and with what they decide for the case's evidence (the other half). A conclusion that
 * is merely right, without what it follows from, earns nothing.
 *
 * @param file of the tables, until they are taken in
 * @param decision that is made; absent: the one that no other requires
 * @param table the tables
 */
record TableCriterion(
        double weight,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String file,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String decision,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable DecisionModel table)
        implements Criterion {
    /** Checks its fields. */
    TableCriterion {
        Criterion.requireWeight(weight);
        require(file == null != (table == null), "file: a DMN file, or a table as CSV, is needed");
        if (table != null) {
            decision = table.decision(decision);
        }
    }

    @Override
    public Criterion resolved(UnaryOperator<String> files) {
        if (file == null) {
            return this;
        }
        try {
            return new TableCriterion(weight, null, decision, new DecisionModel(files.apply(file)));
        } catch (DecisionException unusable) {
            throw new IllegalArgumentException(file + ": " + unusable.getMessage(), unusable);
        }
    }

    @Override
    public Optional<Check> check(Reading reading, Case.Evidence evidence) {
        DecisionModel rule = Objects.requireNonNull(table, "the tables were not taken in");
        String name = Objects.requireNonNull(decision);
        Map<String, String> known = new LinkedHashMap<>();
        evidence.findings().forEach(finding -> known.put(finding.name(), finding.value()));
        Optional<String> right = rule.decide(name, known);
        if (right.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> stated = new LinkedHashMap<>();
        rule.facts(name)
                .forEach(fact -> reading.stated(fact, rule.values(fact)).ifPresent(value -> stated.put(fact, value)));
        Optional<String> own = follows(rule, name, stated);
        if (own.isEmpty()) {
            return Optional.of(new Check(0, "what it states decides nothing: " + stated));
        }
        Set<String> outcomes = new LinkedHashSet<>(evidence.candidates());
        outcomes.addAll(rule.values(name));
        Set<String> concluded = reading.concluded(outcomes);
        boolean consistent = concluded.equals(Set.of(own.get()));
        boolean correct = own.equals(right);
        return Optional.of(new Check(
                (consistent ? 0.5 : 0) + (correct ? 0.5 : 0),
                stated + " decides " + own.get() + (correct ? "" : ", right is " + right.get())
                        + (consistent ? "" : ", it concludes " + concluded)));
    }

    /** Statements that a table cannot make sense of are the completion's fault. */
    private static Optional<String> follows(DecisionModel rule, String name, Map<String, String> stated) {
        try {
            return stated.isEmpty() ? Optional.empty() : rule.decide(name, stated);
        } catch (DecisionException contradictory) {
            return Optional.empty();
        }
    }
}
