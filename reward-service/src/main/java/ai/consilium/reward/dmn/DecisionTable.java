package ai.consilium.reward.dmn;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One table: rules over inputs, with one output. Thread-safe. */
final class DecisionTable implements DecisionLogic {
    private static final Pattern TEXT = Pattern.compile("\"([^\"]*)\"");
    /** A cell that any input passes. */
    private static final String ANY_INPUT = "-";

    private final String where;
    private final List<Column> columns;
    private final HitPolicy policy;
    private final List<Compiled> rules = new ArrayList<>();
    private final Set<String> outcomes = new LinkedHashSet<>();

    /**
     * A rule as it is written, in FEEL.
     *
     * @param tests one a column
     * @param outcome what it says
     */
    record Rule(List<String> tests, String outcome) {}

    /** @param values the words that its cells speak of */
    private record Column(String text, Feel expression, Set<String> values) {}

    /** @param tests null passes anything */
    private record Compiled(List<@Nullable Feel> tests, Feel outcome) {}

    /**
     * Reads the cells.
     *
     * @param name of the decision, for messages
     * @param names that may stand as an input; they may have spaces
     * @param inputs expressions, one a column
     * @throws DecisionException naming the rule that cannot be read
     */
    DecisionTable(String name, Collection<String> names, List<String> inputs, HitPolicy policy, List<Rule> rules) {
        this.where = "decision '" + name + "'";
        this.policy = policy;
        this.columns = inputs.stream()
                .map(input -> new Column(
                        input,
                        Feel.expression(where, names.contains(input) ? "`" + input + "`" : input),
                        new LinkedHashSet<>()))
                .toList();
        if (rules.isEmpty()) {
            throw new DecisionException(where + ": has no rules");
        }
        for (int i = 0; i < rules.size(); i++) {
            this.rules.add(compiled(rules.get(i), where + ", rule " + (i + 1)));
        }
    }

    private Compiled compiled(Rule rule, String place) {
        if (rule.tests().size() != columns.size()) {
            throw new DecisionException(
                    place + ": has " + rule.tests().size() + " cells for " + columns.size() + " inputs");
        }
        List<@Nullable Feel> tests = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            String test = rule.tests().get(i).strip();
            boolean any = test.isEmpty() || test.equals(ANY_INPUT);
            tests.add(any ? null : Feel.unaryTests(place, test));
            columns.get(i).values().addAll(texts(test));
        }
        outcomes.addAll(texts(rule.outcome()));
        return new Compiled(tests, Feel.expression(place, rule.outcome().strip()));
    }

    private static List<String> texts(String feel) {
        return TEXT.matcher(feel).results().map(result -> result.group(1)).toList();
    }

    @Override
    public Optional<Object> decide(Map<String, Object> facts) {
        List<@Nullable Object> inputs = new ArrayList<>();
        columns.forEach(column -> inputs.add(column.expression().value(facts)));
        List<Object> hits = new ArrayList<>();
        for (Compiled rule : rules) {
            if (holds(rule, inputs, facts)) {
                Object outcome = rule.outcome().value(facts);
                if (outcome != null) {
                    hits.add(outcome);
                }
            }
        }
        return policy.decide(hits, where);
    }

    private static boolean holds(Compiled rule, List<@Nullable Object> inputs, Map<String, Object> facts) {
        for (int i = 0; i < inputs.size(); i++) {
            Feel test = rule.tests().get(i);
            if (test != null && !test.passes(inputs.get(i), facts)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Set<String> outcomes() {
        return outcomes;
    }

    @Override
    public Set<String> valuesOf(String name) {
        Set<String> values = new LinkedHashSet<>();
        columns.stream().filter(column -> column.text().equals(name)).forEach(column -> values.addAll(column.values()));
        return values;
    }
}
