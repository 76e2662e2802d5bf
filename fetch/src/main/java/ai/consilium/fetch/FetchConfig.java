package ai.consilium.fetch;

import static ai.consilium.platform.config.Require.require;

/**
 * How files are fetched.
 *
 * @param connections files that are fetched from a source at the same time
 * @param tokenEnv environment variable that holds what a web server asks for: a token, or user:password; empty: nothing
 */
public record FetchConfig(int connections, String tokenEnv) {
    /** Refuses what cannot be meant. */
    public FetchConfig {
        require(connections >= 1 && connections <= 64, "connections must be between 1 and 64, not " + connections);
    }
}
