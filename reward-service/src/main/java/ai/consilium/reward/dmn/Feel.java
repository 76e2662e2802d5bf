package ai.consilium.reward.dmn;

import java.math.BigDecimal;
import java.util.Map;
import org.camunda.feel.api.EvaluationResult;
import org.camunda.feel.api.FeelEngineApi;
import org.camunda.feel.api.FeelEngineBuilder;
import org.camunda.feel.api.ParseResult;
import org.camunda.feel.syntaxtree.ParsedExpression;
import org.jspecify.annotations.Nullable;

/** Expressions of FEEL, parsed once. They see the facts that they are given and nothing else. Thread-safe. */
final class Feel {
    private static final FeelEngineApi ENGINE =
            FeelEngineBuilder.forJava().withEnabledExternalFunctions(false).build();

    private final String where;
    private final String text;
    private final ParsedExpression parsed;

    private Feel(String where, String text, ParseResult result) {
        this.where = where;
        this.text = text;
        if (result.isFailure()) {
            throw new DecisionException(where + ": '" + text + "' is not FEEL: "
                    + result.failure().message().lines().findFirst().orElse("unreadable"));
        }
        this.parsed = result.parsedExpression();
    }

    /** @param where names the place, for messages */
    static Feel expression(String where, String text) {
        return new Feel(where, text, ENGINE.parseExpression(text));
    }

    /** What a cell of a rule says of its input, such as {@code >= 30} or {@code "low", "normal"}. */
    static Feel unaryTests(String where, String text) {
        return new Feel(where, text, ENGINE.parseUnaryTests(text));
    }

    /** The value: text, {@link BigDecimal}, a truth value, or null. */
    @Nullable
    Object value(Map<String, Object> facts) {
        return plain(checked(ENGINE.evaluate(parsed, facts)));
    }

    /** Whether an input passes. */
    boolean passes(@Nullable Object input, Map<String, Object> facts) {
        return Boolean.TRUE.equals(checked(ENGINE.evaluateWithInput(parsed, input, facts)));
    }

    private @Nullable Object checked(EvaluationResult result) {
        if (result.isFailure()) {
            throw new DecisionException(
                    where + ": '" + text + "': " + result.failure().message());
        }
        return result.result();
    }

    private static @Nullable Object plain(@Nullable Object value) {
        return value instanceof Number number ? new BigDecimal(number.toString()).stripTrailingZeros() : value;
    }
}
