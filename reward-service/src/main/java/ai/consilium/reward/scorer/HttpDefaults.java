package ai.consilium.reward.scorer;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.platform.AddressGuard;
import ai.consilium.platform.chat.ChatCache;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What remote scorers share; a scorer's own timeout and retries come before it.
 *
 * @param timeout of one try, reply included; a plug-in's too
 * @param retries tries after the first
 * @param backoff before the first retry; doubles with each
 * @param maxReplyBytes a longer reply is refused
 * @param allowHosts hosts that may be asked although {@link AddressGuard} refuses their kind
 * @param cache directory where judges' answers and what they cost are kept; empty: {@code consilium/judges} in the user's cache directory
 * @param cacheMib most that they take there; 0: none is kept
 */
public record HttpDefaults(
        Duration timeout,
        int retries,
        Duration backoff,
        int maxReplyBytes,
        List<String> allowHosts,
        String cache,
        int cacheMib) {
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
        require(cacheMib >= 0 && cacheMib <= 1 << 20, "cache_mib: must be 0 to 1048576, not " + cacheMib);
    }

    /** Without a memory of judges' answers. */
    public HttpDefaults(Duration timeout, int retries, Duration backoff, int maxReplyBytes, List<String> allowHosts) {
        this(timeout, retries, backoff, maxReplyBytes, allowHosts, "", 0);
    }

    /** What is known of judges. @param run whose spending is kept; null: nobody's is */
    JudgeMemory memory(@Nullable String run) {
        if (cacheMib == 0) {
            return JudgeMemory.NONE;
        }
        Path directory = directory();
        return new JudgeMemory(
                new ChatCache(directory, (long) cacheMib << 20),
                run == null ? null : directory.resolve("spent").resolve(run.replaceAll("[^A-Za-z0-9._-]", "_")));
    }

    private Path directory() {
        if (!cache.isBlank()) {
            return Path.of(cache);
        }
        String user = Objects.requireNonNullElse(System.getenv("XDG_CACHE_HOME"), "");
        Path base = user.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(user);
        return base.resolve("consilium").resolve("judges");
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
