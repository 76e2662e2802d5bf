package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.Ports;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The same small run, a process each: the cluster and the seven roles, told of each other by the environment alone. */
class SeparateProcessesIT {
    private static final int STEPS = 3;
    private static final int BATCH = 2;
    private static final List<String> ROLES =
            List.of("monitor", "advantage", "reward", "merger", "learner", "rollout", "scheduler");

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final List<RunProcess> processes = new ArrayList<>();

    @AfterEach
    void stopWhatRuns() {
        processes.forEach(RunProcess::close);
    }

    @Test
    void givenAClusterAndSevenRoles_whenTheMergerIsDone_thenAllEndByThemselvesAndTheBooksBalance() throws Exception {
        String config = SmallRun.configuration(directory).toString();
        Path data = directory.resolve("data");
        start("simulate", Map.of(), "cases", "simulate", "--config", config, "--out", data.toString())
                .succeed();
        int kafkaPort = Ports.free();
        int registryPort = Ports.free();
        RunProcess cluster = start(
                "dev-cluster",
                Map.of(),
                "run",
                "dev-cluster",
                "--run-dir",
                directory.resolve("cluster").toString(),
                "--set",
                "kafka.port=" + kafkaPort,
                "--set",
                "schema_registry.port=" + registryPort);
        await().atMost(RunProcess.PATIENCE).until(() -> {
            assertThat(cluster.alive()).as(cluster.errors()).isTrue();
            return cluster.output().contains("schema_registry.url=http://127.0.0.1:" + registryPort);
        });

        // Spelled as README and compose.yaml spell it.
        Map<String, String> environment = new HashMap<>(Map.of(
                "CONSILIUM_KAFKA__BOOTSTRAP__SERVERS",
                "127.0.0.1:" + kafkaPort,
                "CONSILIUM_SCHEMA_REGISTRY__URL",
                "http://127.0.0.1:" + registryPort,
                "CONSILIUM_RUN_ID",
                "apart",
                "CONSILIUM_DATA_ROOT",
                data.toString()));
        List<RunProcess> roles = new ArrayList<>();
        for (String role : ROLES) {
            roles.add(start(
                    role,
                    environment,
                    "run",
                    role,
                    "--config",
                    config,
                    "--run-dir",
                    directory.resolve("runs").resolve(role).toString()));
        }
        await().atMost(RunProcess.PATIENCE)
                .until(() -> roles.get(0)
                        .picture()
                        .filter(picture -> picture.path("simulated").asBoolean())
                        .isPresent());
        for (RunProcess role : roles) {
            role.succeed();
        }

        RunProcess describe = start("books", environment, "topics", "describe", "--config", config, "-o", "json");
        SmallRun.assertBalanced(SmallRun.books(describe), STEPS * BATCH * SmallRun.SPECIALTIES.size());
        cluster.terminate();
        cluster.exit();
    }

    private RunProcess start(String name, Map<String, String> environment, String... arguments) {
        RunProcess started = RunProcess.start(directory, name, environment, arguments);
        processes.add(started);
        return started;
    }
}
