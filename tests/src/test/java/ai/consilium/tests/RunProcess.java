package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The command line in a process of its own, with the launcher's flags; killed at the end of the test if it still runs. */
final class RunProcess implements AutoCloseable {
    /** Long enough for a busy machine: tests wait for what they want, and only fail by it. */
    static final Duration PATIENCE = Duration.ofMinutes(8);

    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    private final String name;
    private final Process process;
    private final Path out;
    private final Path err;

    private RunProcess(String name, Process process, Path out, Path err) {
        this.name = name;
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /**
     * Starts it.
     *
     * @param logs directory for its output
     * @param name of its output files, unique among the test's processes
     * @param environment beside the test's own, of which {@code CONSILIUM_*} is left out
     * @param arguments as on the command line
     */
    static RunProcess start(Path logs, String name, Map<String, String> environment, String... arguments) {
        Path out = logs.resolve(name + ".out");
        Path err = logs.resolve(name + ".err");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms256m",
                "-Xmx2g",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xss1m",
                "-Dfile.encoding=UTF-8",
                "-Djava.awt.headless=true"));
        if (Runtime.version().feature() >= 24) {
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        command.addAll(List.of(
                "-Dconsilium.home=" + HOME,
                // The tests' own logging configuration is on the class path too, and would win.
                "-Dlogback.configurationFile=logback.xml",
                "-cp",
                System.getProperty("java.class.path"),
                "ai.consilium.cli.Consilium"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(logs.toFile())
                .redirectInput(new File("/dev/null"))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(key -> key.startsWith("CONSILIUM_"));
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            // A build that is broken off must not leave processes behind.
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            return new RunProcess(name, process, out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it runs. */
    boolean alive() {
        return process.isAlive();
    }

    /** Waits for its end. @return exit code */
    int exit() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("%s has ended; %s", name, errors())
                .isTrue();
        return process.exitValue();
    }

    /** Waits for its end, but no longer than this. @return whether it has ended */
    boolean endsWithin(Duration patience) throws InterruptedException {
        return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Waits for its end, which must be a good one. @return what it printed */
    String succeed() throws InterruptedException {
        assertThat(exit()).as("exit code of %s; %s", name, errors()).isZero();
        return output();
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
    }

    /** SIGSTOP: it stands still, as when a machine sleeps. */
    void pause() {
        signal("STOP");
    }

    /** SIGCONT. */
    void resume() {
        signal("CONT");
    }

    private void signal(String signal) {
        try {
            int code = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            assertThat(code).as("kill -%s %s", signal, name).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Standard output so far. */
    String output() {
        return read(out);
    }

    /** Standard error so far. */
    String errors() {
        return read(err);
    }

    /** Last line of its standard error. */
    String lastError() {
        List<String> lines = errors().lines().toList();
        return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    }

    /** What follows a word at the beginning of a line of its standard error, once there is such a line. */
    Optional<String> announced(String word) {
        Matcher line = Pattern.compile("^" + Pattern.quote(word) + "\\s+(\\S+)$", Pattern.MULTILINE)
                .matcher(errors());
        return line.find() ? Optional.of(line.group(1)) : Optional.empty();
    }

    /** Waits until a line of its standard error begins with a word; it must not end before. */
    void awaitAnnounced(String word) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
            assertThat(alive()).as("%s runs; %s", name, errors()).isTrue();
            return announced(word).isPresent();
        });
    }

    /** The run as its live page shows it; empty while there is no page, or none any more. */
    Optional<JsonNode> picture() throws InterruptedException {
        Optional<String> page = announced("live page");
        try {
            return page.isEmpty()
                    ? Optional.empty()
                    : Optional.of(JSON.readTree(get(page.get() + "/api/picture").body()));
        } catch (IOException notServed) {
            return Optional.empty();
        }
    }

    /** The newest version that any specialty has, as the live page shows it; -1 before the first. */
    long newestVersion() throws InterruptedException {
        long newest = -1;
        for (JsonNode specialty :
                picture().map(picture -> picture.path("specialties")).orElse(JSON.createArrayNode())) {
            newest = Math.max(newest, specialty.path("version").asLong(-1));
        }
        return newest;
    }

    /** One GET. */
    static HttpResponse<String> get(String url) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(10))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
