package ai.consilium.reward.scorer.http;

import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Headers whose values come from environment variables, and appear in no record and no log. */
final class SecretHeaders {
    private static final int SHORTEST_SECRET = 4;

    private final Map<String, String> variables;
    private final Map<String, String> values = new LinkedHashMap<>();
    private final List<String> secrets = new ArrayList<>();

    private SecretHeaders(Map<String, String> variables) {
        this.variables = variables;
    }

    /** @param variables by header */
    static SecretHeaders of(Map<String, String> variables, UnaryOperator<@Nullable String> environment) {
        SecretHeaders headers = new SecretHeaders(variables);
        variables.forEach((header, variable) -> {
            String value = environment.apply(variable);
            if (value != null && !value.isBlank()) {
                headers.values.put(header, value.strip());
                headers.secrets.add(value.strip());
                // "Bearer TOKEN": the token alone is a secret too.
                headers.secrets.addAll(List.of(value.strip().split("\\s+")));
            }
        });
        headers.secrets.removeIf(
                secret -> secret.length() < SHORTEST_SECRET || secret.matches("(?i)bearer|basic|token"));
        return headers;
    }

    /** Adds them. @return what is wrong with one, without its value */
    Optional<String> addTo(HttpRequest.Builder request) {
        for (Map.Entry<String, String> header : variables.entrySet()) {
            String value = values.get(header.getKey());
            if (value == null) {
                return Optional.of("environment variable " + header.getValue() + " is not set");
            }
            try {
                request.header(header.getKey(), value);
            } catch (IllegalArgumentException unfit) {
                // Its message holds the value.
                return Optional.of(
                        "environment variable " + header.getValue() + " cannot be sent as header " + header.getKey());
            }
        }
        return Optional.empty();
    }

    /** A text of the server's without what it was told in confidence. */
    String hidden(String text) {
        String hidden = text;
        for (String secret : secrets) {
            hidden = hidden.replace(secret, "***");
        }
        return hidden;
    }
}
