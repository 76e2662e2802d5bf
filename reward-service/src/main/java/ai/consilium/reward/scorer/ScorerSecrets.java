package ai.consilium.reward.scorer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Secrets of scorers by the name of a variable: the variable's value or, as container platforms hand secrets out, the content
 * of the file that the variable of that name with {@code _FILE} behind it names. A record of the log names variables only, so it
 * can ask for no file.
 *
 * @param environment reads an environment variable; null where it is not set
 */
public record ScorerSecrets(UnaryOperator<@Nullable String> environment) implements UnaryOperator<@Nullable String> {
    private static final String IN_FILE = "_FILE";

    /** The secret; null where there is none, or its file cannot be read. */
    @Override
    public @Nullable String apply(@Nullable String variable) {
        if (variable == null) {
            return null;
        }
        String value = environment.apply(variable);
        String file = environment.apply(variable + IN_FILE);
        if (value != null || file == null || file.isBlank()) {
            return value;
        }
        try {
            return Files.readString(Path.of(file.strip())).strip();
        } catch (IOException | IllegalArgumentException unreadable) {
            return null;
        }
    }
}
