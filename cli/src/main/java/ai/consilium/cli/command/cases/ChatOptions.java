package ai.consilium.cli.command.cases;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.chat.ChatBudget;
import ai.consilium.platform.chat.ChatEndpoint;
import ai.consilium.platform.chat.ExtraFields;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which a command is told of a model behind OpenAI's chat protocol, and of what may be spent on it. */
final class ChatOptions {
    private static final int MOST_REPLY_BYTES = 16 << 20;
    private static final int TRIES = 5;
    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);
    private static final int LONGEST_TIMEOUT_S = 86_400;

    @Option(
            names = "--url",
            required = true,
            paramLabel = "URL",
            description = "Where the model answers, for example http://127.0.0.1:8000/v1.")
    private String url = "";

    @Option(names = "--model", required = true, paramLabel = "NAME", description = "What the server calls it.")
    private String model = "";

    @Option(
            names = "--api-key-env",
            paramLabel = "NAME",
            description = "Environment variable that holds the key, if one is needed; the key is written nowhere.")
    private @Nullable String keyVariable;

    @Option(
            names = "--extra",
            paramLabel = "JSON",
            description =
                    "Object of further fields of every request, for example {\"stop\": \"END\"}; null takes a field away.")
    private @Nullable String extra;

    @Option(names = "--max-tokens", paramLabel = "N", description = "Most tokens of this start, prompts included.")
    private long maxTokens = Long.MAX_VALUE;

    @Option(names = "--max-requests", paramLabel = "N", description = "Most requests of this start.")
    private long maxRequests = Long.MAX_VALUE;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "Of one request, to the last byte of its reply (default: ${DEFAULT-VALUE}).")
    private int timeout;

    String model() {
        return model;
    }

    /** @throws UsageException naming the option */
    ChatEndpoint endpoint(ConfigOptions environment) {
        if (timeout < 1 || timeout > LONGEST_TIMEOUT_S) {
            throw new UsageException("--timeout: must be 1 to " + LONGEST_TIMEOUT_S + " seconds, not " + timeout);
        }
        try {
            return new ChatEndpoint(
                    ChatEndpoint.route("--url", url, "--api-key-env"),
                    key(environment),
                    Duration.ofSeconds(timeout),
                    TRIES,
                    FIRST_BACKOFF,
                    MOST_REPLY_BYTES);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    private @Nullable String key(ConfigOptions environment) {
        if (keyVariable == null) {
            return null;
        }
        String key = environment.variable(keyVariable);
        if (key == null || key.isBlank()) {
            throw new UsageException("--api-key-env: environment variable " + keyVariable + " is not set");
        }
        if (!ChatEndpoint.isKey(key.strip())) {
            throw new UsageException("--api-key-env: environment variable " + keyVariable
                    + " holds a space, a line end or another character that no key has");
        }
        return key.strip();
    }

    /** @throws UsageException naming the option */
    ChatBudget budget() {
        if (maxRequests < 1) {
            throw new UsageException("--max-requests: must be at least 1, not " + maxRequests);
        }
        if (maxTokens < 1) {
            throw new UsageException("--max-tokens: must be at least 1, not " + maxTokens);
        }
        return new ChatBudget(maxRequests, maxTokens);
    }

    /** @throws UsageException when they are no object */
    SortedMap<String, JsonNode> extraFields() {
        try {
            return ExtraFields.read("--extra", extra);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }
}
