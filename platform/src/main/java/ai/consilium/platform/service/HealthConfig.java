package ai.consilium.platform.service;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.platform.Ports;
import java.time.Duration;

/**
 * Where a process says how it fares.
 *
 * @param host address to listen on; anything but a loopback address needs {@code token_file}
 * @param port 0 for any free one, -1 for none
 * @param stallAfter a thread that is quiet for longer has stalled
 * @param tokenFile file with the token that {@code /metrics} asks for; made with a random one where it is missing; empty asks for none
 */
public record HealthConfig(String host, int port, Duration stallAfter, String tokenFile) {
    private static final int HIGHEST_PORT = 65_535;

    /** Checks the ranges. */
    public HealthConfig {
        require(!host.isBlank(), "host is empty; 127.0.0.1 keeps it on this machine");
        require(port >= -1 && port <= HIGHEST_PORT, "port must be -1 (none), 0 (any) or up to 65535, is " + port);
        require(
                port < 0 || !tokenFile.isBlank() || !Ports.beyondThisMachine(host),
                "host: " + host
                        + " can be reached from other machines: set health.token_file too, whose token /metrics asks for");
        require(stallAfter.compareTo(Duration.ZERO) > 0, "stall_after must be longer than 0, is " + stallAfter);
    }

    /** For everybody who can reach it. */
    public HealthConfig(String host, int port, Duration stallAfter) {
        this(host, port, stallAfter, "");
    }
}
