package ai.consilium.reward.judge;

import ai.consilium.platform.AddressGuard;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.chat.ChatEndpoint;
import ai.consilium.reward.scorer.HttpDefaults;
import ai.consilium.reward.scorer.ScorerType;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code judge} of a scorer of type {@code rubric}: which model judges, and how it is asked. Its keys are named as the
 * options of {@code consilium cases build} are.
 *
 * @param url where it answers, for example http://127.0.0.1:8000/v1
 * @param model what the server calls it
 * @param apiKeyEnv environment variable ({@code SCORER_...}) that holds its key; absent: it needs none
 * @param prompt a file, or {@code shipped:NAME}; absent: {@code shipped:criterion}
 * @param replyTokens most tokens of an answer; absent: 1024
 * @param temperature absent: 0
 * @param seed absent: 1
 * @param images absent: auto
 * @param structured whether answers are asked for as a JSON Schema; absent: where the server takes it
 * @param extra JSON object of further fields of every request; null takes a field away
 * @param timeout of a request; absent: a minute
 * @param retries where they differ from {@code reward.http.retries}
 * @param concurrency requests at a time, where they differ from {@code reward.concurrency}
 * @param perSecond requests a second; absent: as many as come
 * @param budget absent: none
 */
public record JudgeKeys(
        String url,
        String model,
        @Nullable String apiKeyEnv,
        @Nullable String prompt,
        @Nullable Integer replyTokens,
        @Nullable Double temperature,
        @Nullable Integer seed,
        @Nullable JudgeImages images,
        @Nullable Boolean structured,
        @Nullable String extra,
        @Nullable Duration timeout,
        @Nullable Integer retries,
        @Nullable Integer concurrency,
        @Nullable Double perSecond,
        @Nullable JudgeBudget budget) {
    private static final HttpDefaults USUAL =
            new HttpDefaults(Duration.ofSeconds(1), 0, Duration.ZERO, 1 << 16, List.of());
    private static final Duration USUAL_TIMEOUT = Duration.ofMinutes(1);
    private static final int USUAL_REPLY_TOKENS = 1024;

    /** Checks them as they will be checked when they come back from the log. */
    public JudgeKeys(
            String url,
            String model,
            @Nullable String apiKeyEnv,
            @Nullable String prompt,
            @Nullable Integer replyTokens,
            @Nullable Double temperature,
            @Nullable Integer seed,
            @Nullable JudgeImages images,
            @Nullable Boolean structured,
            @Nullable String extra,
            @Nullable Duration timeout,
            @Nullable Integer retries,
            @Nullable Integer concurrency,
            @Nullable Double perSecond,
            @Nullable JudgeBudget budget) {
        this.url = url;
        this.model = model;
        this.apiKeyEnv = apiKeyEnv;
        this.prompt = prompt;
        this.replyTokens = replyTokens;
        this.temperature = temperature;
        this.seed = seed;
        this.images = images;
        this.structured = structured;
        this.extra = extra;
        this.timeout = timeout;
        this.retries = retries;
        this.concurrency = concurrency;
        this.perSecond = perSecond;
        this.budget = budget;
        settings(USUAL, JudgePrompt.SHIPPED_CRITERION);
    }

    /** Of a model that needs no key, asked as usual. */
    public JudgeKeys(String url, String model) {
        this(url, model, null, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    /**
     * What they mean; the prompt is read now.
     *
     * @throws UsageException naming what cannot be used
     */
    public JudgeSettings define(ScorerType.Surroundings surroundings) {
        HttpDefaults shared = surroundings.http();
        String words = JudgePrompt.read("reward.scorers.judge.prompt", prompt, surroundings.base())
                .text();
        JudgeSettings settings = settings(shared, words);
        String host = ChatEndpoint.route("url", url, "api_key_env").getHost();
        new AddressGuard(shared.allowHosts()).problemAsWritten(host).ifPresent(problem -> {
            throw new UsageException("reward.scorers.judge: " + url + ": " + problem);
        });
        return settings;
    }

    /** @param words of the prompt */
    private JudgeSettings settings(HttpDefaults shared, String words) {
        return new JudgeSettings(
                url,
                model,
                apiKeyEnv,
                words,
                Objects.requireNonNullElse(replyTokens, USUAL_REPLY_TOKENS),
                Objects.requireNonNullElse(temperature, 0.0),
                Objects.requireNonNullElse(seed, 1),
                Objects.requireNonNullElse(images, JudgeImages.AUTO),
                structured,
                extra,
                Objects.requireNonNullElse(timeout, USUAL_TIMEOUT).toMillis(),
                Objects.requireNonNullElse(retries, shared.retries()),
                shared.backoff().toMillis(),
                concurrency,
                perSecond,
                budget);
    }
}
