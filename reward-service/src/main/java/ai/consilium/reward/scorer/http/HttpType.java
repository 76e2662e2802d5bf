package ai.consilium.reward.scorer.http;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.platform.RemoteHttp;
import ai.consilium.reward.scorer.HttpDefaults;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.schemas.Component;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Type {@code http}: see {@link HttpScorer}. */
public final class HttpType implements ScorerType {
    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9-]{1,64}");
    private static final Pattern VARIABLE = Pattern.compile("SCORER_[A-Z0-9_]{1,64}");

    /**
     * Which service.
     *
     * @param url http or https
     * @param perspective whose trajectories it scores; absent: all
     * @param timeout of a try, where it differs from {@code reward.http.timeout}
     * @param retries where they differ from {@code reward.http.retries}
     * @param headersFromEnv environment variable ({@code SCORER_...}) that holds a header's value, by header; the value itself
     *     stands neither in the configuration nor in a record
     */
    public record HttpKeys(
            String url,
            @Nullable String perspective,
            @Nullable Duration timeout,
            @Nullable Integer retries,
            @Nullable Map<String, String> headersFromEnv)
            implements Keys {
        public HttpKeys {
            requireUrl(url);
            if (timeout != null) {
                HttpDefaults.requireTimeout(timeout);
            }
            if (retries != null) {
                HttpDefaults.requireRetries(retries);
            }
            headersFromEnv = headersFromEnv == null ? Map.of() : Map.copyOf(headersFromEnv);
            requireHeaders(headersFromEnv);
        }

        @Override
        public Defined define(Surroundings surroundings) {
            HttpDefaults shared = surroundings.http();
            return new Defined(
                    perspective,
                    new HttpCheck(
                            url,
                            (timeout == null ? shared.timeout() : timeout).toMillis(),
                            retries == null ? shared.retries() : retries,
                            shared.backoff().toMillis(),
                            shared.maxReplyBytes(),
                            new TreeMap<>(headersFromEnv == null ? Map.of() : headersFromEnv)));
        }

        @Override
        public boolean remote() {
            return true;
        }
    }

    /**
     * A remote scorer. It is known by its address only: whoever changes what answers there should change the address.
     *
     * @param url http or https
     * @param timeoutMs of one try, in milliseconds
     * @param retries tries after the first
     * @param backoffMs before the first retry, in milliseconds; doubles with each
     * @param maxReplyBytes a longer reply is refused
     * @param headersFromEnv environment variable by header
     */
    record HttpCheck(
            String url,
            long timeoutMs,
            int retries,
            long backoffMs,
            int maxReplyBytes,
            SortedMap<String, String> headersFromEnv)
            implements Definition {
        HttpCheck {
            requireUrl(url);
            headersFromEnv = new TreeMap<>(headersFromEnv);
            requireHeaders(headersFromEnv);
            HttpDefaults.requireTimeout(Duration.ofMillis(timeoutMs));
            HttpDefaults.requireRetries(retries);
        }

        @Override
        public Component component() {
            return Component.GUIDELINE;
        }

        @Override
        public Scorer scorer(Identity identity, Resources resources) {
            return new HttpScorer(identity, this, resources);
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

    private static void requireUrl(String url) {
        RemoteHttp.requireUrl("url", url, "headers_from_env");
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
}
