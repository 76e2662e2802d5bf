package ai.consilium.reward.judge;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.platform.chat.ChatEndpoint;
import ai.consilium.platform.chat.ExtraFields;
import ai.consilium.reward.scorer.HttpDefaults;
import ai.consilium.reward.scorer.RequestLimits;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A judge as it stands in a scoring configuration: whole, without secrets. Who answers behind the address under the model's name
 * is not known here: whoever changes that should change one of them.
 *
 * @param url where it answers
 * @param model what the server calls it
 * @param apiKeyEnv environment variable of its key; null: it needs none
 * @param prompt whole
 * @param replyTokens most tokens of an answer
 * @param temperature 0: the most likely answer
 * @param seed of the drawing, where it is one
 * @param images whether it is shown those of cases
 * @param structured whether answers are asked for as a JSON Schema; null: where the server takes it
 * @param extra JSON object of further fields; null: none
 * @param timeoutMs of a request, in milliseconds
 * @param retries tries after the first
 * @param backoffMs before the first retry, in milliseconds; doubles with each
 * @param concurrency requests at a time; null: as the reward service has it
 * @param perSecond requests a second; null: as many as come
 * @param budget null: none
 */
public record JudgeSettings(
        String url,
        String model,
        @Nullable String apiKeyEnv,
        String prompt,
        int replyTokens,
        double temperature,
        int seed,
        JudgeImages images,
        @Nullable Boolean structured,
        @Nullable String extra,
        long timeoutMs,
        int retries,
        long backoffMs,
        @Nullable Integer concurrency,
        @Nullable Double perSecond,
        @Nullable JudgeBudget budget) {
    private static final Pattern VARIABLE = Pattern.compile("SCORER_[A-Z0-9_]{1,64}");
    private static final int MOST_TOKENS = 1_000_000;
    /** A judge may think aloud for as long as its tokens last. */
    private static final int MOST_REPLY_BYTES = 16 << 20;

    /** Checks what a record of the log may hold as it does the keys: it may come from elsewhere. */
    public JudgeSettings {
        ChatEndpoint.route("url", Objects.requireNonNull(url, "url: is missing"), "api_key_env");
        require(model != null && !model.isBlank(), "model: what the server calls it is needed");
        require(
                apiKeyEnv == null || VARIABLE.matcher(apiKeyEnv).matches(),
                "api_key_env: must name a variable SCORER_..., not '" + apiKeyEnv + "'");
        new JudgePrompt(prompt);
        require(
                replyTokens >= 1 && replyTokens <= MOST_TOKENS,
                "reply_tokens: must be 1 to " + MOST_TOKENS + ", not " + replyTokens);
        require(temperature >= 0 && temperature <= 2, "temperature: must be 0 to 2, not " + temperature);
        Objects.requireNonNull(images, "images: is missing");
        ExtraFields.read("extra", extra);
        HttpDefaults.requireTimeout(Duration.ofMillis(timeoutMs));
        HttpDefaults.requireRetries(retries);
        if (concurrency != null) {
            RequestLimits.requireConcurrency(concurrency);
        }
        if (perSecond != null) {
            RequestLimits.requireRate(perSecond);
        }
    }

    /** The route that is asked. */
    URI route() {
        return ChatEndpoint.route("url", url, "api_key_env");
    }

    /** One try: whoever asks it repeats. @param key null: none is sent */
    ChatEndpoint endpoint(@Nullable String key) {
        return new ChatEndpoint(
                route(), key, Duration.ofMillis(timeoutMs), 1, Duration.ofMillis(backoffMs), MOST_REPLY_BYTES);
    }

    /** @param requests that a trajectory takes, one after the other */
    RequestLimits limits(int requests) {
        return new RequestLimits(
                concurrency, perSecond == null ? null : perSecond / requests, 1, retries, Duration.ofMillis(backoffMs));
    }
}
