package ai.consilium.testing;

import ai.consilium.platform.objects.S3Bucket;
import ai.consilium.platform.objects.S3Settings;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An S3 server with one bucket: Adobe's S3Mock, as a process of its own. What it holds is gone when it is closed. */
public final class S3Server implements AutoCloseable {
    /** Its bucket. */
    public static final String BUCKET = "consilium-test";

    private static final Pattern STARTED = Pattern.compile("Tomcat started on ports .*?(\\d+) \\(http\\)");
    private static final int PATIENCE_SECONDS = 90;
    private static final String KEY_ID = "test-key-id";
    /** Any will do; it must turn up in no message. */
    public static final String SECRET = "test-secret-key";

    private final Process process;
    private final URI endpoint;

    private S3Server(Process process, URI endpoint) {
        this.process = process;
        this.endpoint = endpoint;
    }

    /** Starts it; takes some seconds. Clients of this JVM have credentials from then on. */
    public static S3Server start() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                jar(),
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--com.adobe.testing.s3mock.httpPort=0"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        // One that never says that it has started is stopped, and its output is read to the end.
        CompletableFuture<Void> givenUp = CompletableFuture.runAsync(
                process::destroyForcibly, CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS));
        try {
            S3Server server = new S3Server(process, URI.create("http://127.0.0.1:" + port(process)));
            givenUp.cancel(true);
            server.makeBucket();
            System.setProperty("aws.accessKeyId", KEY_ID);
            System.setProperty("aws.secretAccessKey", SECRET);
            return server;
        } catch (IOException | InterruptedException | RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static String jar() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.matches(".*s3mock-[0-9.]+-exec\\.jar"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("s3mock is not on the class path"));
    }

    private static String port(Process process) throws IOException {
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        List<String> said = new ArrayList<>();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            said.add(line);
            Matcher started = STARTED.matcher(line);
            if (started.find()) {
                Thread drain = new Thread(() -> lines.lines().forEach(rest -> {}), "s3-output");
                drain.setDaemon(true);
                drain.start();
                return Objects.requireNonNull(started.group(1));
            }
        }
        throw new IllegalStateException("s3mock did not start: " + String.join("\n", said));
    }

    private void makeBucket() throws IOException, InterruptedException {
        HttpRequest put = HttpRequest.newBuilder(endpoint.resolve("/" + BUCKET))
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build();
        int status = HttpClient.newHttpClient()
                .send(put, HttpResponse.BodyHandlers.discarding())
                .statusCode();
        if (status != 200) {
            throw new IllegalStateException("the bucket could not be made: " + status);
        }
    }

    /** How it is reached. */
    public S3Settings settings() {
        return new S3Settings(endpoint.toString(), "", true);
    }

    /** Its bucket. */
    public S3Bucket bucket() throws IOException {
        return new S3Bucket(settings(), BUCKET);
    }

    /** What a process is given to reach it. */
    public Map<String, String> environment() {
        return Map.of("AWS_ACCESS_KEY_ID", KEY_ID, "AWS_SECRET_ACCESS_KEY", SECRET);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
