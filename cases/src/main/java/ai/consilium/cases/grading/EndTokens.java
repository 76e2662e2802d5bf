package ai.consilium.cases.grading;

import ai.consilium.cases.format.Markup;
import java.util.List;
import java.util.Optional;

/**
 * What ends a completion, as text.
 *
 * @param texts of a model's end tokens, at least one
 */
public record EndTokens(List<String> texts) {
    /** Of a model that names no other. */
    public static final EndTokens TURN_END = new EndTokens(List.of(Markup.TURN_END));

    /** Checks that there is one. */
    public EndTokens {
        texts = List.copyOf(texts);
        if (texts.isEmpty() || texts.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("end tokens: at least one is needed, and none may be blank: " + texts);
        }
    }

    /** Whether a completion ends with one. White space behind it does not count. */
    public boolean end(String completion) {
        return last(completion).isPresent();
    }

    /** A completion without its end token; one that was cut is as it is. */
    public String without(String completion) {
        return last(completion)
                .map(token -> completion.substring(0, completion.stripTrailing().length() - token.length()))
                .orElse(completion);
    }

    private Optional<String> last(String completion) {
        String text = completion.stripTrailing();
        return texts.stream().filter(text::endsWith).findFirst();
    }
}
