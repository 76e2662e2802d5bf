package ai.consilium.reward.dmn;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** How a decision is made. */
sealed interface DecisionLogic permits DecisionTable, DecisionExpression {
    /**
     * Decides.
     *
     * @param facts values by name
     * @return empty where nothing can be said
     * @throws DecisionException when it cannot be computed, such as a sum of words
     */
    Optional<Object> decide(Map<String, Object> facts);

    /** The words that it may decide for; empty where it computes a number. */
    Set<String> outcomes();

    /** The words that it knows of an input. */
    Set<String> valuesOf(String name);
}
