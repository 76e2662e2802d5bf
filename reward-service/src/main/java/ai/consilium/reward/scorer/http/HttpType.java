package ai.consilium.reward.scorer.http;

import ai.consilium.platform.AddressGuard;
import ai.consilium.platform.UsageException;
import ai.consilium.reward.scorer.HttpDefaults;
import ai.consilium.reward.scorer.ScorerType;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Type {@code http}: see {@link HttpScorer}. */
public final class HttpType implements ScorerType {
    /**
     * Which service.
     *
     * @param url http or https
     * @param perspective whose trajectories it scores; absent: all
     * @param timeout of a try, where it differs from {@code reward.http.timeout}
     * @param retries where they differ from {@code reward.http.retries}
     * @param headersFromEnv environment variable ({@code SCORER_...}) that holds a header's value, by header; the value itself
     *     stands neither in the configuration nor in a record
     * @param protocol what the service speaks; absent: ours
     * @param scale lowest and highest score of the service; absent: 0 and 1
     * @param batch most trajectories in a request, where the protocol has several; absent: one
     * @param model that the service is to use, where the protocol names one
     * @param concurrency requests at a time, where they differ from {@code reward.concurrency}
     * @param perSecond requests a second; absent: as many as come
     */
    public record HttpKeys(
            String url,
            @Nullable String perspective,
            @Nullable Duration timeout,
            @Nullable Integer retries,
            @Nullable Map<String, String> headersFromEnv,
            @Nullable String protocol,
            @Nullable List<Double> scale,
            @Nullable Integer batch,
            @Nullable String model,
            @Nullable Integer concurrency,
            @Nullable Double perSecond)
            implements Keys {
        private static final HttpDefaults USUAL =
                new HttpDefaults(Duration.ofSeconds(1), 0, Duration.ZERO, 1 << 16, List.of());

        /** Checks them as they will be checked when they come back from the log. */
        public HttpKeys {
            headersFromEnv = headersFromEnv == null ? Map.of() : Map.copyOf(headersFromEnv);
            check(USUAL, url, timeout, retries, headersFromEnv, protocol, scale, batch, model, concurrency, perSecond);
        }

        /** Of our own protocol. */
        public HttpKeys(
                String url,
                @Nullable String perspective,
                @Nullable Duration timeout,
                @Nullable Integer retries,
                @Nullable Map<String, String> headersFromEnv) {
            this(url, perspective, timeout, retries, headersFromEnv, null, null, null, null, null, null);
        }

        @Override
        public Defined define(Surroundings surroundings) {
            HttpDefaults shared = surroundings.http();
            Map<String, String> headers = headersFromEnv == null ? Map.of() : headersFromEnv;
            HttpCheck check = check(
                    shared, url, timeout, retries, headers, protocol, scale, batch, model, concurrency, perSecond);
            new AddressGuard(shared.allowHosts())
                    .problemAsWritten(URI.create(url).getHost())
                    .ifPresent(problem -> {
                        throw new UsageException("reward.scorers: " + url + ": " + problem);
                    });
            return new Defined(perspective, check);
        }

        private static HttpCheck check(
                HttpDefaults shared,
                String url,
                @Nullable Duration timeout,
                @Nullable Integer retries,
                Map<String, String> headersFromEnv,
                @Nullable String protocol,
                @Nullable List<Double> scale,
                @Nullable Integer batch,
                @Nullable String model,
                @Nullable Integer concurrency,
                @Nullable Double perSecond) {
            return new HttpCheck(
                    url,
                    (timeout == null ? shared.timeout() : timeout).toMillis(),
                    retries == null ? shared.retries() : retries,
                    shared.backoff().toMillis(),
                    shared.maxReplyBytes(),
                    new TreeMap<>(headersFromEnv),
                    protocol,
                    scale,
                    batch,
                    model,
                    concurrency,
                    perSecond);
        }
    }

    @Override
    public String name() {
        return "http";
    }

    @Override
    public Class<? extends Keys> keys() {
        return HttpKeys.class;
    }

    @Override
    public Class<? extends Definition> definition() {
        return HttpCheck.class;
    }
}
