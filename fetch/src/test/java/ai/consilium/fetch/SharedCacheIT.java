package ai.consilium.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.testing.FileServer.Asked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes of a host with one cache. */
class SharedCacheIT {
    private static final int MIB = 1 << 20;
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private Path temporary;

    private FetchRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new FetchRig(temporary.resolve("cache"));
    }

    @AfterEach
    void stop() throws IOException {
        rig.close();
    }

    @Test
    void givenSeveralProcessesThatFetchTheSameAtOnceThenEachFileComesOnce() throws Exception {
        Map<String, byte[]> files =
                Map.of("a", FetchRig.noise(MIB, 1), "b", FetchRig.noise(MIB, 2), "c/d", FetchRig.noise(MIB, 3));
        rig.server().put("set", files);
        // The first that asks for a file is answered when all have asked for the list.
        CountDownLatch go = new CountDownLatch(1);
        rig.server().fail("/set/a", (exchange, file) -> {
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.sendResponseHeaders(503, -1);
        });
        List<FetchProcess> processes = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                processes.add(FetchProcess.start(rig.address("set"), rig.cache(), 1));
            }
            await().atMost(LONG)
                    .until(() -> rig.server().asked("/set/SHA256SUMS").size() == 3);
            go.countDown();

            for (FetchProcess process : processes) {
                Path here = process.files();
                for (Map.Entry<String, byte[]> file : files.entrySet()) {
                    assertThat(here.resolve(file.getKey())).hasBinaryContent(file.getValue());
                }
            }
        } finally {
            processes.forEach(FetchProcess::close);
        }
        assertThat(rig.server().asked("/set/a")).hasSize(2);
        assertThat(rig.server().asked("/set/b")).hasSize(1);
        assertThat(rig.server().asked("/set/c/d")).hasSize(1);
    }

    @Test
    void givenAProcessThatIsKilledWhileItFetchesThenTheNextGoesOnWhereItWas() throws Exception {
        byte[] weights = FetchRig.noise(4 * MIB, 4);
        rig.server().put("model", Map.of("weights", weights));
        CountDownLatch killed = new CountDownLatch(1);
        rig.server().fail("/model/weights", (exchange, file) -> {
            exchange.sendResponseHeaders(200, file.length);
            exchange.getResponseBody().write(file, 0, 3 * MIB);
            exchange.getResponseBody().flush();
            try {
                killed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try (FetchProcess process = FetchProcess.start(rig.address("model"), rig.cache(), 1)) {
            await().atMost(LONG).until(() -> arrived(DigestUtils.sha256Hex(weights)) >= 2 * MIB);
            process.kill();
        }
        killed.countDown();
        long arrived = arrived(DigestUtils.sha256Hex(weights));
        rig.server().forget();

        assertThat(rig.fetch(rig.fetcher(), "model").resolve("weights")).hasBinaryContent(weights);
        assertThat(rig.server().asked("/model/weights"))
                .extracting(Asked::range)
                .containsExactly("bytes=" + arrived + "-");
    }

    private long arrived(String sha256) throws IOException {
        if (!Files.exists(rig.cache())) {
            return 0;
        }
        for (Path file : FetchRig.filesBelow(rig.cache())) {
            if (file.endsWith(sha256)) {
                return Files.size(file);
            }
        }
        return 0;
    }

    @Test
    void givenAFullCacheThenWhatALivingProcessUsesStaysAndGoesAfterItsEnd() throws Exception {
        rig.server().put("used", Map.of("a", FetchRig.noise(MIB, 5)));
        rig.server().put("wanted", Map.of("a", FetchRig.noise(MIB, 6)));
        double little = 1.5 / 1024;
        try (FetchProcess process = FetchProcess.start(rig.address("used"), rig.cache(), little)) {
            Path used = process.files();
            assertThatThrownBy(() -> rig.fetch(rig.fetcher(little, null), "wanted"))
                    .isInstanceOf(FetchException.class)
                    .hasMessageStartingWith("cache.max_gib: ");
            assertThat(used.resolve("a")).exists();

            process.kill();

            assertThat(rig.fetch(rig.fetcher(little, null), "wanted").resolve("a"))
                    .exists();
            assertThat(used).doesNotExist();
        }
    }
}
