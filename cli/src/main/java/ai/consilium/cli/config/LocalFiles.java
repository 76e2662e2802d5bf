package ai.consilium.cli.config;

import ai.consilium.cli.progress.FetchLine;
import ai.consilium.fetch.FetchedSource;
import ai.consilium.fetch.Fetcher;
import ai.consilium.fetch.SourceAddress;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.format.FastSha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Directories on this host of what the configuration names: by a path, or by an address, whose files are fetched when they are
 * first asked for. A process asks each source once for its list and keeps to it, whatever the source has later; what it uses stays
 * in the cache until it ends.
 */
public final class LocalFiles {
    private static final Map<List<Object>, Opened> OPENED = new HashMap<>();

    private LocalFiles() {}

    /** What a source said. @param problem null where there is a source */
    private record Opened(
            @Nullable FetchedSource source, @Nullable IOException problem) {}

    /** Of the base model. @throws UsageException when it cannot be fetched */
    public static Path model(ConsiliumConfig config) {
        return model("model", config.model(), config);
    }

    /**
     * Of a model or an adapter.
     *
     * @param key that refusals name
     * @param place relative to here or to the installation, or an address
     * @throws UsageException when it cannot be fetched
     */
    public static Path model(String key, String place, ConsiliumConfig config) {
        return SourceAddress.meantBy(place) ? fetched(key, place, config) : InstallDirectory.resolve(place);
    }

    /** Of the configured cases. @throws UsageException when they cannot be fetched */
    public static Path cases(ConsiliumConfig config) {
        return cases("data_root", config.dataRoot(), config);
    }

    /**
     * Of cases.
     *
     * @param key that refusals name
     * @param place relative to here, or an address
     * @throws UsageException when they cannot be fetched
     */
    public static Path cases(String key, String place, ConsiliumConfig config) {
        return SourceAddress.meantBy(place) ? fetched(key, place, config) : Path.of(place);
    }

    /**
     * A case file.
     *
     * @param key that refusals name
     * @param place relative to here, or an address: of the directory in which the file's list lies, and its name
     * @throws UsageException when it cannot be fetched
     */
    public static Path caseFile(String key, String place, ConsiliumConfig config) {
        int name = place.lastIndexOf('/') + 1;
        return SourceAddress.meantBy(place)
                ? fetched(key, place.substring(0, name), config).resolve(place.substring(name))
                : Path.of(place);
    }

    /** What stands in a configuration for a place that was given on the command line: a path does not depend on where one is. */
    public static String setting(String given) {
        return SourceAddress.meantBy(given)
                ? given
                : Path.of(given).toAbsolutePath().normalize().toString();
    }

    /**
     * Whether the files of an address have one of this name. They are not fetched for that.
     *
     * @throws UsageException when their list cannot be had
     */
    static boolean lists(String key, String address, ConsiliumConfig config, String file) {
        try {
            return open(key, address, config).lists(file);
        } catch (IOException e) {
            throw refusal(key, e);
        }
    }

    private static Path fetched(String key, String address, ConsiliumConfig config) {
        FetchLine line = new FetchLine();
        try {
            return open(key, address, config).directory(line);
        } catch (IOException e) {
            throw refusal(key, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UsageException(key + ": fetching was interrupted", e);
        } finally {
            line.end();
        }
    }

    private static synchronized FetchedSource open(String key, String address, ConsiliumConfig config)
            throws IOException {
        SourceAddress parsed = parse(key, address);
        Opened opened = OPENED.computeIfAbsent(
                List.of(parsed, config.cache(), config.s3()), unknown -> ask(key, parsed, config));
        if (opened.source() == null) {
            throw opened.problem() == null ? new IOException("was not opened") : opened.problem();
        }
        return opened.source();
    }

    private static SourceAddress parse(String key, String address) {
        try {
            return SourceAddress.parse(address);
        } catch (IllegalArgumentException e) {
            throw new UsageException(key + ": " + e.getMessage(), e);
        }
    }

    private static Opened ask(String key, SourceAddress address, ConsiliumConfig config) {
        try {
            return new Opened(
                    new Fetcher(config.fetch(), config.cache(), config.s3(), System::getenv, FastSha256::digest)
                            .open(address),
                    null);
        } catch (IOException e) {
            return new Opened(null, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UsageException(key + ": fetching was interrupted", e);
        }
    }

    /** What is wrong with the cache names its own key. */
    private static UsageException refusal(String key, IOException e) {
        String message = String.valueOf(e.getMessage());
        return new UsageException(message.startsWith("cache.") ? message : key + ": " + message, e);
    }
}
