package ai.consilium.fetch;

import static ai.consilium.platform.config.Require.require;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Where fetched files are kept.
 *
 * @param dir empty: {@code consilium/files} in the user's cache directory ({@code $XDG_CACHE_HOME}, or {@code ~/.cache})
 * @param maxGib that they may take up
 */
public record CacheConfig(String dir, double maxGib) {
    private static final int GIB = 30;

    /** Refuses what cannot be meant. */
    public CacheConfig {
        require(maxGib > 0 && maxGib <= 1 << 20, "max_gib must be above 0 and at most 1048576, not " + maxGib);
    }

    Path directory() {
        if (!dir.isBlank()) {
            return Path.of(dir).toAbsolutePath().normalize();
        }
        String user = Objects.requireNonNullElse(System.getenv("XDG_CACHE_HOME"), "");
        Path base = user.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(user);
        return base.resolve("consilium").resolve("files").toAbsolutePath();
    }

    long maxBytes() {
        return (long) (maxGib * (1L << GIB));
    }
}
