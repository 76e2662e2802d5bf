package ai.consilium.monitor;

import static ai.consilium.platform.config.Require.require;

import java.time.Duration;

/**
 * Section {@code monitor}.
 *
 * @param host address to listen on; anything but a loopback address shows the run to the network
 * @param port port of the page; 0 takes any free one
 * @param refresh how often an open page is brought up to date
 */
public record MonitorConfig(String host, int port, Duration refresh) {
    /** Checks the bounds. */
    public MonitorConfig {
        require(host != null && !host.isBlank(), "host: must name an address, for example 127.0.0.1");
        require(port >= 0 && port <= 65_535, "port: must be 0 to 65535, not " + port);
        require(
                refresh.compareTo(Duration.ofMillis(100)) >= 0 && refresh.compareTo(Duration.ofMinutes(1)) <= 0,
                "refresh: must be 100ms to 1m, not " + refresh);
    }
}
