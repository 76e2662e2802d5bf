package ai.consilium.platform.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.UsageException;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthTest {
    private static final Duration LIMIT = Duration.ofMillis(50);

    private final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Health health = new Health(metrics);

    private record OneThread(ServiceThread thread) implements Service {
        @Override
        public String role() {
            return "rollout";
        }

        @Override
        public void start() {
            thread.start();
        }

        @Override
        public List<ServiceThread> threads() {
            return List.of(thread);
        }

        @Override
        public void close() {
            thread.close();
        }
    }

    private OneThread service(ServiceThread.Flow flow) {
        OneThread service = new OneThread(new ServiceThread("worker-1", flow));
        health.watch(service);
        return service;
    }

    @Test
    void givenAThreadThatWaitsTooLongWhenLookedAtThenTheStallIsToldOncePerStall() throws Exception {
        List<StallWatch.Stall> told = new CopyOnWriteArrayList<>();
        SynchronousQueue<String> turns = new SynchronousQueue<>();
        try (OneThread service = service(pulse -> {
                    pulse.waitingFor("prompts");
                    turns.take();
                    pulse.beat();
                    pulse.idle("the next version");
                    turns.take();
                    pulse.waitingFor("scores");
                    pulse.pause(Duration.ofHours(1));
                });
                StallWatch watch = new StallWatch(health, LIMIT, told::add)) {
            service.start();
            ServiceThread thread = service.thread();
            await().until(() -> thread.quietMs() > LIMIT.toMillis());
            watch.look();
            watch.look();
            assertThat(told).singleElement().satisfies(stall -> {
                assertThat(stall.role()).isEqualTo("rollout");
                assertThat(stall.thread()).isEqualTo("worker-1");
                assertThat(stall.cause()).isEqualTo("waiting for prompts");
            });

            turns.put("work came");
            await().until(thread::idle);
            watch.look();
            turns.put("the rest is over");
            await().until(() -> !thread.idle() && thread.quietMs() > LIMIT.toMillis());
            watch.look();
            assertThat(told)
                    .extracting(StallWatch.Stall::cause)
                    .containsExactly("waiting for prompts", "waiting for scores");
        }
    }

    @Test
    void givenAThreadThatMayRestWhenLookedAtThenItHasNotStalled() {
        List<StallWatch.Stall> told = new CopyOnWriteArrayList<>();
        try (OneThread service = service(pulse -> {
                    pulse.idle("the first adapter");
                    pulse.pause(Duration.ofSeconds(30));
                });
                StallWatch watch = new StallWatch(health, LIMIT, told::add)) {
            service.start();
            await().until(() -> service.thread().idle() && service.thread().quietMs() > LIMIT.toMillis());
            watch.look();
            assertThat(told).isEmpty();
        }
    }

    @Test
    void givenAFlowThatPausesWhenClosedThenItEndsAtOnceAndHasNotFailed() {
        OneThread service = service(pulse -> {
            while (!pulse.stopping()) {
                pulse.pause(Duration.ofHours(1));
            }
        });
        service.start();
        service.close();
        assertThat(service.thread().ended()).isTrue();
        assertThat(service.thread().failure()).isEmpty();
    }

    @Test
    void givenAFailedThreadWhenAskedThenTheProcessIsNotLiveAndSaysWhy() throws Exception {
        Optional<HealthServer> started = HealthServer.start(new HealthConfig("127.0.0.1", 0, LIMIT), health, metrics);
        try (HealthServer server = started.orElseThrow();
                OneThread service = service(pulse -> {
                    throw new IllegalStateException("adapter hash differs");
                })) {
            assertThat(get(server, "/readyz").statusCode()).isEqualTo(503);
            service.start();
            await().until(service::finished);
            assertThat(get(server, "/readyz").statusCode()).isEqualTo(200);
            HttpResponse<String> live = get(server, "/livez");
            assertThat(live.statusCode()).isEqualTo(503);
            assertThat(live.body())
                    .contains("\"thread\":\"worker-1\"")
                    .contains("\"state\":\"failed\"")
                    .contains("adapter hash differs");
            assertThat(get(server, "/metrics").body())
                    .contains("consilium_thread_live{role=\"rollout\",thread=\"worker-1\"} 0.0");
        }
    }

    @Test
    void givenATokenWhenAskedWithoutItThenOnlyTheStatusIsTold(@TempDir Path dir) throws Exception {
        // given a token that several processes make at once
        Path file = dir.resolve("token");
        HealthConfig config = new HealthConfig("127.0.0.1", 0, LIMIT, file.toString());
        try (HealthServer server = HealthServer.start(config, health, metrics).orElseThrow();
                HealthServer other = HealthServer.start(config, health, metrics).orElseThrow();
                OneThread service = service(pulse -> pulse.pause(Duration.ofHours(1)))) {
            service.start();
            String token = Files.readString(file).strip();
            assertThat(Files.list(dir)).containsExactly(file);

            // then
            for (HealthServer one : List.of(server, other)) {
                assertThat(get(one, "/metrics").statusCode()).isEqualTo(401);
                assertThat(get(one, "/metrics", "Bearer wrong").statusCode()).isEqualTo(401);
                assertThat(get(one, "/metrics", "Bearer " + token).body()).contains("consilium_thread_live");
                assertThat(get(one, "/readyz").statusCode()).isEqualTo(200);
                assertThat(get(one, "/readyz").body()).doesNotContain("worker-1");
                assertThat(get(one, "/livez", "Bearer " + token).body()).contains("worker-1");
            }
        }
    }

    @Test
    void givenAnAddressThatOtherMachinesReachWithoutATokenThenItIsRefusedByKey() {
        assertThatThrownBy(() -> new HealthConfig("0.0.0.0", 8081, LIMIT))
                .hasMessageContaining("host: 0.0.0.0")
                .hasMessageContaining("health.token_file");
    }

    @Test
    void givenAPortInUseWhenStartedThenTheKeyAndThePortAreNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            HealthConfig config = new HealthConfig("127.0.0.1", taken.getLocalPort(), LIMIT);
            assertThatThrownBy(() -> HealthServer.start(config, health, metrics))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("health.port: port " + taken.getLocalPort());
        }
    }

    private static HttpResponse<String> get(HealthServer server, String path, String... authorization)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + path));
        for (String header : authorization) {
            request.header("Authorization", header);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
