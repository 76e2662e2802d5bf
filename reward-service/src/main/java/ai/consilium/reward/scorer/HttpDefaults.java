package ai.consilium.reward.scorer;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.platform.AddressGuard;
import java.time.Duration;
import java.util.List;

/**
 * What remote scorers share; a scorer's own timeout and retries come before it.
 *
 * @param timeout of one try, reply included
 * @param retries tries after the first
 * @param backoff before the first retry; doubles with each
 * @param maxReplyBytes a longer reply is refused
 * @param allowHosts hosts that may be asked although {@link AddressGuard} refuses their kind
 */
public record HttpDefaults(
        Duration timeout, int retries, Duration backoff, int maxReplyBytes, List<String> allowHosts) {
    /** Checks the bounds. */
    public HttpDefaults {
        requireTimeout(timeout);
        requireRetries(retries);
        require(
                !backoff.isNegative() && backoff.compareTo(Duration.ofMinutes(1)) <= 0,
                "backoff: must be 0s to 1m, not " + backoff);
        require(
                maxReplyBytes >= 64 && maxReplyBytes <= 16 << 20,
                "max_reply_bytes: must be 64 to 16777216, not " + maxReplyBytes);
        allowHosts = List.copyOf(allowHosts);
    }

    /** Refuses a timeout that is out of bounds. */
    public static void requireTimeout(Duration timeout) {
        require(
                timeout.compareTo(Duration.ofMillis(1)) >= 0 && timeout.compareTo(Duration.ofMinutes(5)) <= 0,
                "timeout: must be 1ms to 5m, not " + timeout);
    }

    /** Refuses a number of retries that is out of bounds. */
    public static void requireRetries(int retries) {
        require(retries >= 0 && retries <= 10, "retries: must be 0 to 10, not " + retries);
    }
}
