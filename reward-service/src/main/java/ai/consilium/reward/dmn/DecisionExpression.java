package ai.consilium.reward.dmn;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A decision that is one expression of FEEL. */
record DecisionExpression(Feel expression) implements DecisionLogic {
    @Override
    public Optional<Object> decide(Map<String, Object> facts) {
        return Optional.ofNullable(expression.value(facts));
    }

    @Override
    public Set<String> outcomes() {
        return Set.of();
    }

    @Override
    public Set<String> valuesOf(String name) {
        return Set.of();
    }
}
