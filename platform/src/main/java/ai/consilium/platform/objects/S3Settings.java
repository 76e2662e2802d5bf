package ai.consilium.platform.objects;

import static ai.consilium.platform.config.Require.require;

import java.net.URI;
import java.util.Set;

/**
 * How buckets are reached. Credentials are not among it: they come from where the AWS SDK looks for them, the environment first.
 *
 * @param endpoint address of MinIO, Ceph or another that speaks the protocol; empty: AWS
 * @param region empty: the environment's, and for an endpoint of one's own {@code us-east-1}
 * @param pathStyle whether the bucket stands in the path of an address and not in its host's name
 */
public record S3Settings(String endpoint, String region, boolean pathStyle) {
    private static final Set<String> SCHEMES = Set.of("http", "https");

    /** Refuses what cannot be meant. */
    public S3Settings {
        require(
                endpoint.isEmpty() || usable(endpoint),
                "endpoint must be an http or https address with a host and nothing behind it, not '" + endpoint + "'");
    }

    private static boolean usable(String endpoint) {
        try {
            URI address = URI.create(endpoint);
            return address.getHost() != null
                    && address.getScheme() != null
                    && SCHEMES.contains(address.getScheme())
                    && address.getUserInfo() == null
                    && address.getQuery() == null
                    && (address.getPath().isEmpty() || address.getPath().equals("/"));
        } catch (IllegalArgumentException notAnAddress) {
            return false;
        }
    }
}
