package ai.consilium.monitor;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.monitor.watchdog.WatchConfig;
import ai.consilium.platform.AddressGuard;
import ai.consilium.platform.Ports;
import ai.consilium.platform.RemoteHttp;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Section {@code monitor}.
 *
 * @param host address to listen on; anything but a loopback address needs {@code token_file}
 * @param port port of the page; 0 takes any free one
 * @param refresh how often an open page is brought up to date
 * @param tokenFile file with the token that the page asks for; made with a random one where it is missing; empty asks for none
 * @param webhook address that alarms are posted to; empty: none
 * @param watch bounds of the watchdog
 */
public record MonitorConfig(
        String host, int port, Duration refresh, String tokenFile, String webhook, WatchConfig watch) {
    /** Checks the bounds. */
    public MonitorConfig {
        require(host != null && !host.isBlank(), "host: must name an address, for example 127.0.0.1");
        require(port >= 0 && port <= 65_535, "port: must be 0 to 65535, not " + port);
        require(
                refresh.compareTo(Duration.ofMillis(100)) >= 0 && refresh.compareTo(Duration.ofMinutes(1)) <= 0,
                "refresh: must be 100ms to 1m, not " + refresh);
        require(
                !tokenFile.isBlank() || !Ports.beyondThisMachine(host),
                "host: " + host
                        + " can be reached from other machines: set monitor.token_file too, whose token the page asks for");
        requireSafe(webhook);
    }

    /** Of a page, with the watchdog's defaults. */
    public MonitorConfig(String host, int port, Duration refresh, String tokenFile) {
        this(host, port, refresh, tokenFile, "", WatchConfig.DEFAULT);
    }

    /** The address may hold a secret: no message repeats it. */
    private static void requireSafe(String webhook) {
        if (webhook.isEmpty()) {
            return;
        }
        Optional<URI> url = url(webhook);
        require(
                url.isPresent(),
                "webhook: must be http://HOST/... or https://HOST/... without user and password in it; it is not repeated "
                        + "here, since it may hold a secret");
        url.map(URI::getHost)
                .flatMap(host -> AddressGuard.strict().problemAsWritten(host))
                .ifPresent(problem -> require(false, "webhook: " + problem));
    }

    private static Optional<URI> url(String webhook) {
        try {
            return Optional.of(RemoteHttp.requireUrl("webhook", webhook, "a token in its path"));
        } catch (IllegalArgumentException broken) {
            return Optional.empty();
        }
    }

    /** The same at another port. */
    public MonitorConfig at(int other) {
        return new MonitorConfig(host, other, refresh, tokenFile, webhook, watch);
    }

    /** An address of the page for people, with what they need to open it. */
    public String announced(String address) {
        return address + (tokenFile.isBlank() ? "" : "  (asks for the token in " + tokenFile + ")");
    }

    /** Where alarms are posted to. */
    public Optional<URI> webhookUrl() {
        return webhook.isEmpty() ? Optional.empty() : url(webhook);
    }
}
