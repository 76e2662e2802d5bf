package ai.consilium.fetch;

import ai.consilium.platform.objects.S3Settings;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.commons.codec.digest.DigestUtils;

/** A process that fetches a source, says where it lies, and uses it until it is closed or killed. */
final class FetchProcess implements AutoCloseable {
    private static final String AT = "files at ";

    private final Process process;
    private final BufferedReader said;

    private FetchProcess(Process process) {
        this.process = process;
        this.said = process.inputReader(StandardCharsets.UTF_8);
    }

    static FetchProcess start(SourceAddress address, Path cache, double maxGib) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                FetchProcess.class.getName(),
                address.toString(),
                cache.toString(),
                Double.toString(maxGib));
        return new FetchProcess(builder.redirectErrorStream(true).start());
    }

    /** Where its files lie, once they are there. */
    Path files() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            lines.add(line);
            if (line.startsWith(AT)) {
                return Path.of(line.substring(AT.length()));
            }
        }
        throw new IllegalStateException("it ended: " + String.join("\n", lines));
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Fetcher fetcher = new Fetcher(
                new FetchConfig(4, ""),
                new CacheConfig(args[1], Double.parseDouble(args[2])),
                new S3Settings("", "", false),
                name -> null,
                DigestUtils::getSha256Digest);
        try (FetchedSource source = fetcher.open(SourceAddress.parse(args[0]))) {
            System.out.println(AT + Objects.requireNonNull(source.directory(FetchProgress.NONE)));
            int ended = System.in.read();
            System.out.println("ended by " + ended);
        }
    }
}
