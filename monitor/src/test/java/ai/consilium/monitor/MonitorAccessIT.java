package ai.consilium.monitor;

import static ai.consilium.monitor.state.Stories.PEDIATRICS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.UsageException;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class MonitorAccessIT {
    @WithKafka
    private static EmbeddedCluster cluster;

    @TempDir
    private Path dir;

    private final HttpClient http = HttpClient.newHttpClient();

    private static MonitorConfig config(String host, String tokenFile) {
        return new MonitorConfig(host, 0, Duration.ofMillis(200), tokenFile);
    }

    private MonitorService started(String tokenFile) {
        MonitorService monitor =
                new MonitorService(cluster.run(PEDIATRICS), config("127.0.0.1", tokenFile), MonitorInputs.of(2));
        monitor.start();
        return monitor;
    }

    private HttpResponse<String> get(String url, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> logIn(MonitorService monitor, String token) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(monitor.address() + "/login"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString("token=" + token))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void givenATokenFileThenNothingIsShownWithoutItsToken() throws Exception {
        // given a file that does not exist yet
        Path file = dir.resolve("token");
        try (MonitorService monitor = started(file.toString())) {
            String token = Files.readString(file).strip();
            assertThat(token).hasSize(48);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(monitor.announcement()).contains(file.toString()).doesNotContain(token);

            // then
            for (String path :
                    new String[] {"/api/picture", "/api/stream", "/api/charts", "/api/samples", "/page.js"}) {
                assertThat(get(monitor.address() + path).statusCode()).as(path).isEqualTo(401);
                assertThat(get(monitor.address() + path, "Authorization", "Bearer " + token + "x")
                                .statusCode())
                        .as(path)
                        .isEqualTo(401);
            }
            HttpResponse<String> page = get(monitor.address() + "/");
            assertThat(page.statusCode()).isEqualTo(303);
            assertThat(page.headers().firstValue("Location")).hasValue("/login");
            assertThat(get(monitor.address() + "/login").body()).contains("name=\"token\"");
            assertThat(get(monitor.address() + "/api/picture", "Authorization", "Bearer " + token)
                            .statusCode())
                    .isEqualTo(200);

            // when it is given in the form
            assertThat(logIn(monitor, "guess").headers().firstValue("Set-Cookie"))
                    .isEmpty();
            String cookie =
                    logIn(monitor, token).headers().firstValue("Set-Cookie").orElseThrow();

            // then a cookie opens the page, and does not tell the token
            assertThat(cookie).contains("HttpOnly", "SameSite=Strict").doesNotContain(token);
            String pair = cookie.substring(0, cookie.indexOf(';'));
            assertThat(get(monitor.address() + "/", "Cookie", pair).statusCode())
                    .isEqualTo(200);
            assertThat(get(monitor.address() + "/", "Cookie", pair + "0").statusCode())
                    .isEqualTo(303);
        }
    }

    @Test
    void givenAShortTokenThenItIsRefusedByKeyAndNotShown() throws IOException {
        Path file = Files.writeString(dir.resolve("token"), "secret\n");

        assertThatThrownBy(() -> started(file.toString()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("monitor.token_file: " + file)
                .hasMessageContaining("at least 16")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1"})
    void givenAnAddressThatOthersReachWithoutATokenFileThenItIsRefused(String host) {
        assertThatThrownBy(() -> config(host, ""))
                .hasMessageContaining("host: " + host)
                .hasMessageContaining("set monitor.token_file");
        assertThat(config(host, "token").host()).isEqualTo(host);
    }

    @ParameterizedTest
    @CsvSource({
        "localhost,200",
        "127.0.0.1,200",
        "127.0.0.1:99,200",
        "[::1]:8080,200",
        "evil.example,403",
        "127.0.0.1.evil.example,403"
    })
    void givenNoTokenThenOnlyLoopbackNamesAreAnswered(String host, int status) throws Exception {
        try (MonitorService monitor = started("");
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), monitor.port())) {
            socket.getOutputStream()
                    .write(("GET /api/picture HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer.lines().findFirst().orElse("")).contains(" " + status + " ");
        }
    }
}
