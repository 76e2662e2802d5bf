package ai.consilium.reward.dmn;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A published rule: inputs, and decisions that follow from them and from each other (DMN 1.3 to 1.5, or one table as CSV).
 * Equal by its text, which goes to the log as it is. Thread-safe.
 */
public final class DecisionModel {
    private final String text;
    private final Map<String, Node> nodes;

    /**
     * An input or a decision.
     *
     * @param requires what it follows from, by name
     * @param logic null for an input
     */
    record Node(
            String name,
            String type,
            List<String> requires,
            @Nullable DecisionLogic logic) {
        boolean numeric() {
            return type.equals("number") || type.equals("integer") || type.equals("long") || type.equals("double");
        }
    }

    /**
     * Reads one.
     *
     * @param text a DMN file, or a table as CSV
     * @throws DecisionException saying what cannot be used, and where
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public DecisionModel(String text) {
        this.text = text;
        this.nodes = new LinkedHashMap<>();
        List<Node> read = text.stripLeading().startsWith("<") ? DmnFile.read(text) : DecisionCsv.read(text);
        for (Node node : read) {
            if (nodes.put(node.name(), node) != null) {
                throw new DecisionException("two inputs or decisions are called '" + node.name() + "'");
            }
        }
        for (Node node : read) {
            node.requires().forEach(name -> requireKnown(name, "decision '" + node.name() + "' requires"));
            requireNoCircle(node, new LinkedHashSet<>());
        }
    }

    private void requireKnown(String name, String who) {
        if (!nodes.containsKey(name)) {
            throw new DecisionException(
                    who + " '" + name + "', which is not there; there are " + String.join(", ", nodes.keySet()));
        }
    }

    private void requireNoCircle(Node node, Set<String> above) {
        if (!above.add(node.name())) {
            throw new DecisionException("decision '" + node.name() + "' requires itself, by " + above);
        }
        node.requires().forEach(name -> requireNoCircle(node(name), new LinkedHashSet<>(above)));
    }

    private Node node(String name) {
        return Objects.requireNonNull(nodes.get(name), name);
    }

    /** As it was given. */
    @JsonValue
    public String text() {
        return text;
    }

    /**
     * The decision that is meant.
     *
     * @param named null means the one that no other requires
     * @throws DecisionException when there is no such decision, or several that could be meant
     */
    public String decision(@Nullable String named) {
        if (named != null) {
            requireKnown(named, "decision: there is no");
            if (node(named).logic() == null) {
                throw new DecisionException("decision: '" + named + "' is an input");
            }
            return named;
        }
        List<String> last = new ArrayList<>();
        for (Node node : nodes.values()) {
            if (node.logic() != null
                    && nodes.values().stream()
                            .noneMatch(other -> other.requires().contains(node.name()))) {
                last.add(node.name());
            }
        }
        if (last.size() != 1) {
            throw new DecisionException("decision: name one of " + String.join(", ", last));
        }
        return last.get(0);
    }

    /** What may be known before a decision is made: its inputs, and the decisions before it. */
    public Set<String> facts(String decision) {
        Set<String> facts = new LinkedHashSet<>();
        for (String name : node(decision).requires()) {
            facts.addAll(facts(name));
            facts.add(name);
        }
        return facts;
    }

    /** The words that a decision may come to, or that an input may be, as far as the tables speak of them. */
    public Set<String> values(String name) {
        Set<String> values = new LinkedHashSet<>();
        DecisionLogic own = node(name).logic();
        if (own != null) {
            values.addAll(own.outcomes());
        }
        nodes.values().forEach(node -> {
            if (node.logic() != null) {
                values.addAll(node.logic().valuesOf(name));
            }
        });
        return values;
    }

    /**
     * Decides.
     *
     * @param known what is known, as words, by name; a decision that is known is not made. A number that is known of a decision
     *     which follows from one number alone is that number: "urea 12" where "urea" is high or normal
     * @return empty where nothing can be said, or not without what is unknown
     * @throws DecisionException when the rules contradict their hit policy, or cannot be computed
     */
    public Optional<String> decide(String decision, Map<String, String> known) {
        Map<String, Object> facts = new LinkedHashMap<>();
        known.forEach((name, value) -> put(facts, name, value));
        return value(node(decision), facts).map(DecisionModel::words);
    }

    private void put(Map<String, Object> facts, String name, String value) {
        Node node = nodes.get(name);
        if (node == null) {
            return;
        }
        BigDecimal number = number(value);
        if (node.numeric()) {
            if (number != null) {
                facts.put(name, number);
            }
        } else if (number != null && node.logic() != null && !values(name).contains(value)) {
            if (node.requires().size() == 1 && node(node.requires().get(0)).numeric()) {
                facts.put(node.requires().get(0), number);
            }
        } else {
            facts.put(name, value);
        }
    }

    private Optional<Object> value(Node node, Map<String, Object> facts) {
        if (!facts.containsKey(node.name())) {
            DecisionLogic logic = node.logic();
            if (logic == null) {
                return Optional.empty();
            }
            for (String required : node.requires()) {
                value(node(required), facts).ifPresent(value -> facts.put(required, value));
            }
            logic.decide(facts).ifPresent(decided -> facts.put(node.name(), decided));
        }
        return Optional.ofNullable(facts.get(node.name()));
    }

    private static String words(Object value) {
        return value instanceof BigDecimal number ? number.toPlainString() : value.toString();
    }

    private static @Nullable BigDecimal number(String text) {
        try {
            return new BigDecimal(text.strip()).stripTrailingZeros();
        } catch (NumberFormatException word) {
            return null;
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DecisionModel model && text.equals(model.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
