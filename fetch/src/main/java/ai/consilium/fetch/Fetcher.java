package ai.consilium.fetch;

import ai.consilium.platform.objects.S3Bucket;
import ai.consilium.platform.objects.S3Settings;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens sources: see {@link FetchedSource}. Thread-safe. */
public final class Fetcher {
    private static final Logger LOG = LoggerFactory.getLogger(Fetcher.class);
    /** Room for half a million files. */
    private static final int MOST_LIST_BYTES = 64 << 20;

    private final FetchConfig config;
    private final S3Settings s3;
    private final FileCache cache;
    private final UnaryOperator<@Nullable String> environment;
    private final Supplier<MessageDigest> digests;
    private final Patience patience;

    /**
     * By the configuration.
     *
     * @param environment where the token stands
     * @param digests make SHA-256 over much data
     */
    public Fetcher(
            FetchConfig config,
            CacheConfig cache,
            S3Settings s3,
            UnaryOperator<@Nullable String> environment,
            Supplier<MessageDigest> digests) {
        this(config, cache, s3, environment, digests, Patience.USUAL);
    }

    Fetcher(
            FetchConfig config,
            CacheConfig cache,
            S3Settings s3,
            UnaryOperator<@Nullable String> environment,
            Supplier<MessageDigest> digests,
            Patience patience) {
        this.config = config;
        this.s3 = s3;
        this.cache = new FileCache(cache.directory(), cache.maxBytes());
        this.environment = environment;
        this.digests = digests;
        this.patience = patience;
    }

    /**
     * Asks a source for its list; its files are not fetched yet. When the source does not answer, and this host has everything of
     * the list that it last gave, that is taken: the run's manifest knows whether it is right.
     *
     * @throws FetchException when the list cannot be had, or lists what cannot be fetched
     */
    public FetchedSource open(SourceAddress address) throws IOException, InterruptedException {
        try {
            return new FetchedSource(this, address, FileList.parse(address.toString(), ask(address)));
        } catch (Unanswered e) {
            Optional<FileList> known = known(address);
            if (known.isEmpty()) {
                throw new FetchException(address + ": " + FileList.NAME + ": " + e.getMessage(), e);
            }
            LOG.warn("{} does not answer ({}); this host goes on with what it fetched before", address, e.getMessage());
            return new FetchedSource(this, address, known.get());
        }
    }

    /** A source that could not be reached, or that is ill. */
    private static final class Unanswered extends IOException {
        private static final long serialVersionUID = 1L;

        Unanswered(String message, IOException cause) {
            super(message, cause);
        }
    }

    private byte[] ask(SourceAddress address) throws IOException, InterruptedException {
        try (Source source = source(address)) {
            for (int failures = 1; ; failures++) {
                try (Source.Rest list = source.open(FileList.NAME, 0)) {
                    byte[] bytes = list.bytes().readNBytes(MOST_LIST_BYTES + 1);
                    if (bytes.length > MOST_LIST_BYTES) {
                        throw new FetchException(
                                address + ": " + FileList.NAME + " is longer than " + MOST_LIST_BYTES + " bytes");
                    }
                    if (list.length() >= 0 && bytes.length != list.length()) {
                        throw new IOException(
                                "the connection ended after " + bytes.length + " of " + list.length() + " bytes");
                    }
                    return bytes;
                } catch (FetchException refused) {
                    throw refused;
                } catch (IOException e) {
                    if (failures == patience.tries()) {
                        throw new Unanswered("no answer in " + failures + " tries: " + e, e);
                    }
                }
                Thread.sleep(patience.pause(failures).toMillis());
            }
        }
    }

    private Path lastList(SourceAddress address) {
        return cache.lastList(DigestUtils.sha256Hex(address.toString()));
    }

    private Optional<FileList> known(SourceAddress address) throws IOException {
        Path last = lastList(address);
        if (!Files.isRegularFile(last)) {
            return Optional.empty();
        }
        FileList list = FileList.parse(last.toString(), Files.readAllBytes(last));
        return tree(address, list).complete() ? Optional.of(list) : Optional.empty();
    }

    /** Written aside, so that a process that starts beside this one never reads half of it. */
    private static void remember(Path last, FileList list) throws IOException {
        Path directory = last.getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        Path aside = Path.of(last + "." + ProcessHandle.current().pid() + ".partial");
        Files.writeString(aside, list.text());
        Files.move(aside, last, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private CachedTree tree(SourceAddress address, FileList list) {
        return cache.tree(DigestUtils.sha256Hex(address.name() + "\n" + list.sha256()), address.name());
    }

    /** Fetches what is missing. @return the claim that keeps it here, and where it lies */
    Claimed claim(SourceAddress address, FileList list, FetchProgress progress)
            throws IOException, InterruptedException {
        CachedTree tree = tree(address, list);
        try {
            CacheLock claim =
                    tree.claim(() -> fill(address, list, tree, progress), () -> progress.waiting(address.toString()));
            remember(lastList(address), list);
            return new Claimed(claim, tree.files());
        } catch (FileSystemException | UnsupportedOperationException e) {
            throw new FetchException("cache.dir: " + cache.root() + " cannot be used: " + e, e);
        }
    }

    /** A tree that stays in the cache. */
    record Claimed(CacheLock claim, Path files) {}

    private void fill(SourceAddress address, FileList list, CachedTree tree, FetchProgress progress)
            throws IOException, InterruptedException {
        Map<String, List<String>> missing = list.pathsBySha256();
        for (Map.Entry<String, List<String>> file : List.copyOf(missing.entrySet())) {
            if (tree.take(file.getKey(), file.getValue())) {
                missing.remove(file.getKey());
            }
        }
        long start = System.nanoTime();
        try (Source source = source(address)) {
            Downloads downloads = new Downloads(address.toString(), missing.size(), progress);
            downloads.run(config.connections(), patience.silence(), missing, (sha256, paths, counted) -> {
                new Download(
                                source,
                                address.toString(),
                                paths.get(0),
                                sha256,
                                tree.incoming(sha256),
                                cache,
                                patience,
                                digests,
                                counted.came(),
                                counted.length())
                        .run();
                tree.arrived(sha256, paths);
            });
            LOG.info(
                    "{}: fetched {} of {} files, {} MiB, in {} s, to {}",
                    address,
                    missing.size(),
                    list.sha256ByPath().size(),
                    downloads.bytes() >> 20,
                    (System.nanoTime() - start) / 1_000_000_000,
                    tree.files());
        }
    }

    private Source source(SourceAddress address) throws IOException {
        if (address instanceof SourceAddress.Bucket bucket) {
            return new BucketSource(bucket, new S3Bucket(s3, bucket.location().bucket()));
        }
        return new WebSource((SourceAddress.Web) address, token(address), patience.silence());
    }

    private @Nullable String token(SourceAddress address) throws FetchException {
        if (config.tokenEnv().isEmpty()) {
            return null;
        }
        String token = environment.apply(config.tokenEnv());
        if (token == null || token.isBlank()) {
            throw new FetchException(
                    address + ": fetch.token_env: the environment variable " + config.tokenEnv() + " is not set");
        }
        return token.strip();
    }
}
