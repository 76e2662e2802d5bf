package ai.consilium.reward.scorer.http;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.platform.RemoteHttp;
import ai.consilium.reward.scorer.HttpDefaults;
import ai.consilium.reward.scorer.RequestLimits;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.schemas.Component;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A remote scorer. It is known by its address only: whoever changes what answers there should change the address.
 *
 * @param url http or https
 * @param timeoutMs of one try, in milliseconds
 * @param retries tries after the first
 * @param backoffMs before the first retry, in milliseconds; doubles with each
 * @param maxReplyBytes a longer reply is refused
 * @param headersFromEnv environment variable by header
 * @param protocol what the service speaks; null: ours
 * @param scale lowest and highest score; null: 0 and 1
 * @param batch most trajectories in a request; null: one
 * @param model that the service is to use; null: its own
 * @param concurrency requests at a time; null: as the reward service has it
 * @param perSecond requests a second; null: as many as come
 */
record HttpCheck(
        String url,
        long timeoutMs,
        int retries,
        long backoffMs,
        int maxReplyBytes,
        SortedMap<String, String> headersFromEnv,
        @Nullable String protocol,
        @Nullable List<Double> scale,
        @Nullable Integer batch,
        @Nullable String model,
        @Nullable Integer concurrency,
        @Nullable Double perSecond)
        implements ScorerType.Definition {
    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9-]{1,64}");
    private static final Pattern VARIABLE = Pattern.compile("SCORER_[A-Z0-9_]{1,64}");

    /** Checks what a record of the log may hold as it does the keys: it may come from elsewhere. */
    HttpCheck {
        RemoteHttp.requireUrl("url", url, "headers_from_env");
        headersFromEnv = new TreeMap<>(headersFromEnv);
        requireHeaders(headersFromEnv);
        HttpDefaults.requireTimeout(Duration.ofMillis(timeoutMs));
        HttpDefaults.requireRetries(retries);
        scale = scale == null ? null : List.copyOf(scale);
        ScoreScale.of(scale);
        WireProtocol wire = wire(protocol);
        require(batch == null || wire.batches(), "batch: protocol " + wire.name() + " asks about one at a time");
        require(model == null || wire instanceof ClassifyProtocol, "model: protocol " + wire.name() + " names none");
        if (batch != null) {
            RequestLimits.requireBatch(batch);
        }
        if (concurrency != null) {
            RequestLimits.requireConcurrency(concurrency);
        }
        if (perSecond != null) {
            RequestLimits.requireRate(perSecond);
        }
        // What is so by default is not written, so that its hash stays.
        protocol = wire instanceof ConsiliumProtocol ? null : protocol;
    }

    private static WireProtocol wire(@Nullable String name) {
        String wanted = name == null ? ConsiliumProtocol.NAME : name;
        require(
                !wanted.equals("openai-judge"),
                "protocol: a model that judges is asked by a scorer of type rubric, with judge: {url: ..., model: ...}"
                        + " and the criteria in its file (docs/REWARDS.md)");
        return WireProtocols.named(wanted)
                .orElseThrow(() -> new IllegalArgumentException(
                        "protocol: '" + wanted + "' is not one of " + String.join(", ", WireProtocols.names())));
    }

    /** A scorer's variables bear a prefix, so that a record cannot ask a reward service for its other secrets. */
    private static void requireHeaders(Map<String, String> headers) {
        headers.forEach((header, variable) -> {
            require(HEADER.matcher(header).matches(), "headers_from_env: '" + header + "' is not a header name");
            require(
                    VARIABLE.matcher(variable).matches(),
                    "headers_from_env." + header + ": must name a variable SCORER_..., not '" + variable + "'");
        });
    }

    /** What the service is sent, and what it answers. */
    WireProtocol wire() {
        return wire(protocol);
    }

    /** The range of its scores. */
    ScoreScale range() {
        return ScoreScale.of(scale);
    }

    RequestLimits limits() {
        return new RequestLimits(
                concurrency, perSecond, batch == null ? 1 : batch, retries, Duration.ofMillis(backoffMs));
    }

    @Override
    public Component component() {
        return Component.GUIDELINE;
    }

    @Override
    public Scorer scorer(ScorerType.Identity identity, ScorerType.Resources resources) {
        return new HttpScorer(identity, this, resources);
    }
}
