package ai.consilium.rollout.engine.vllm;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.platform.RemoteHttp;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Which servers, and how they are used.
 *
 * @param urls of the servers, without /v1
 * @param apiKeyEnv environment variable that holds the key which the servers ask for; empty: they ask for none. The key itself
 *     stands in no configuration
 * @param adapterDir where adapters are written for the servers, which must see it under the same path; empty takes the run
 *     directory
 * @param adapterSlots adapters of this process that a server holds at once
 * @param concurrency requests that a server answers at once
 * @param timeout of a request
 * @param tolerance largest difference between a server's log-probability of a probed token and this process's own; 0 takes the
 *     default of the model's type
 */
public record VllmConfig(
        List<String> urls,
        String apiKeyEnv,
        String adapterDir,
        int adapterSlots,
        int concurrency,
        Duration timeout,
        double tolerance) {
    private static final Pattern VARIABLE = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");

    /** Checks the values. */
    public VllmConfig {
        urls = List.copyOf(urls);
        for (String url : urls) {
            URI address = RemoteHttp.requireUrl("urls", url, "rollout.vllm.api_key_env");
            require(
                    address.getQuery() == null && address.getFragment() == null,
                    "urls: must have neither query nor fragment: '" + url + "'");
            require(!trimmed(url).endsWith("/v1"), "urls: leave out /v1: '" + url + "'");
        }
        List<String> distinct = urls.stream().map(VllmConfig::trimmed).toList();
        require(new HashSet<>(distinct).size() == urls.size(), "urls contains duplicates: " + urls);
        require(
                apiKeyEnv.isEmpty() || VARIABLE.matcher(apiKeyEnv).matches(),
                "api_key_env: must name an environment variable, not '" + apiKeyEnv + "'");
        require(adapterSlots >= 2 && adapterSlots <= 10_000, "adapter_slots must be between 2 and 10000");
        require(concurrency >= 1 && concurrency <= 256, "concurrency must be between 1 and 256, not " + concurrency);
        require(
                timeout.compareTo(Duration.ofMillis(1)) >= 0 && timeout.compareTo(Duration.ofDays(1)) <= 0,
                "timeout must be between 1ms and 24h");
        require(tolerance >= 0 && tolerance < Double.POSITIVE_INFINITY, "tolerance must be at least 0");
    }

    /** The servers' addresses, in order. */
    List<URI> servers() {
        return urls.stream().map(url -> URI.create(trimmed(url))).toList();
    }

    private static String trimmed(String url) {
        return url.replaceFirst("/+$", "");
    }
}
