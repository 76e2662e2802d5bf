package ai.consilium.monitor;

import static ai.consilium.platform.config.Require.require;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;

/**
 * Section {@code monitor}.
 *
 * @param host address to listen on; anything but a loopback address needs {@code token_file}
 * @param port port of the page; 0 takes any free one
 * @param refresh how often an open page is brought up to date
 * @param tokenFile file with the token that the page asks for; made with a random one where it is missing; empty asks for none
 */
public record MonitorConfig(String host, int port, Duration refresh, String tokenFile) {
    /** Checks the bounds. */
    public MonitorConfig {
        require(host != null && !host.isBlank(), "host: must name an address, for example 127.0.0.1");
        require(port >= 0 && port <= 65_535, "port: must be 0 to 65535, not " + port);
        require(
                refresh.compareTo(Duration.ofMillis(100)) >= 0 && refresh.compareTo(Duration.ofMinutes(1)) <= 0,
                "refresh: must be 100ms to 1m, not " + refresh);
        require(
                !tokenFile.isBlank() || !beyondThisMachine(host),
                "host: " + host
                        + " can be reached from other machines: set monitor.token_file too, whose token the page asks for");
    }

    /** A name that is not known is refused later, where it is listened on. */
    private static boolean beyondThisMachine(String host) {
        try {
            return !InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
