package ai.consilium.fetch;

import ai.consilium.platform.objects.S3Settings;
import ai.consilium.testing.FileServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/** A web server and a cache. */
record FetchRig(Path cache, FileServer server, List<FetchedSource> opened) implements AutoCloseable {
    static final Patience LITTLE = new Patience(3, Duration.ofMillis(1), Duration.ofSeconds(5));

    FetchRig(Path cache) throws IOException {
        this(cache, new FileServer(), new ArrayList<>());
    }

    Fetcher fetcher() {
        return fetcher(1000, null);
    }

    Fetcher fetcher(double maxGib, @Nullable String token) {
        return new Fetcher(
                new FetchConfig(4, token == null ? "" : "TOKEN"),
                new CacheConfig(cache.toString(), maxGib),
                new S3Settings("", "", false),
                name -> token,
                DigestUtils::getSha256Digest,
                LITTLE);
    }

    SourceAddress address(String directory) {
        return SourceAddress.parse(server.url("/" + directory));
    }

    FetchedSource open(Fetcher fetcher, String directory) throws IOException, InterruptedException {
        FetchedSource source = fetcher.open(address(directory));
        opened.add(source);
        return source;
    }

    Path fetch(Fetcher fetcher, String directory) throws IOException, InterruptedException {
        return open(fetcher, directory).directory(FetchProgress.NONE);
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] noise(int bytes, int seed) {
        byte[] noise = new byte[bytes];
        new Random(seed).nextBytes(noise);
        return noise;
    }

    static List<Path> filesBelow(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    @Override
    public void close() throws IOException {
        for (FetchedSource source : opened) {
            source.close();
        }
        server.close();
    }
}
