package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.objects.S3Bucket;
import ai.consilium.runlog.GroupAccounting;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.FileServer;
import ai.consilium.testing.S3Server;
import ai.consilium.testing.WithKafka;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Roles that are given addresses only, each with a cache of its own, as on hosts that have nothing: the model lies on a web server
 * that asks for a password, the cases lie in a bucket.
 */
class FetchedRunIT {
    private static final String RUN_ID = "fetched";
    private static final String PASSWORD = "password-of-the-files";
    private static final Path MODEL = Path.of("..", "models", "tiny");

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @WithKafka
    private static EmbeddedCluster cluster;

    private final List<RunProcess> processes = new ArrayList<>();

    @AfterEach
    void stopWhatRuns() {
        processes.forEach(RunProcess::close);
    }

    @Test
    void givenHostsThatHaveNothingWhenRolesAreGivenAddressesThenTheySampleAndAHostWithOtherCasesIsRefused()
            throws Exception {
        try (S3Server objects = S3Server.start();
                FileServer files = new FileServer()) {
            files.put("models/tiny", MODEL);
            files.ask("Basic "
                    + Base64.getEncoder().encodeToString(("reader:" + PASSWORD).getBytes(StandardCharsets.UTF_8)));
            upload(objects, "sets/clinic", 1);
            upload(objects, "sets/other", 2);
            KafkaClients kafka = cluster.clients(RUN_ID);

            List<RunProcess> roles = new ArrayList<>();
            for (String role : List.of("scheduler", "learner", "rollout")) {
                roles.add(start(role, role, environment(objects, files, role, "sets/clinic")));
            }
            await().atMost(RunProcess.PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    // Its topics are made when the scheduler has its files.
                    .ignoreException(UsageException.class)
                    .untilAsserted(() -> {
                        assertThat(roles)
                                .allSatisfy(role -> assertThat(role.alive())
                                        .as(role.errors())
                                        .isTrue());
                        assertThat(GroupAccounting.describe(kafka).records().get(Topics.TRAJECTORIES.baseName()))
                                .isPositive();
                    });

            RunProcess other = start("rollout", "other", environment(objects, files, "other", "sets/other"));
            assertThat(other.exit()).as(other.errors()).isEqualTo(2);
            assertThat(other.errors())
                    .contains(
                            "consilium: data_root/train.jsonl.sha256: ",
                            "consilium: data_root/train.jsonl.images.sha256: ");
        }
        assertThat(filesThatTell(PASSWORD)).isEmpty();
        assertThat(filesThatTell(S3Server.SECRET)).isEmpty();
    }

    private void upload(S3Server objects, String prefix, int seed) throws IOException {
        Path cases = directory.resolve("upload").resolve(prefix);
        Clinic.write(cases, new ClinicSettings(seed, .3, 10, 2, 2));
        assertThat(CommandLineRun.of("data", "sums", cases.toString()).code()).isZero();
        try (S3Bucket bucket = objects.bucket();
                Stream<Path> files = Files.walk(cases)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bucket.put(prefix + "/" + cases.relativize(file), Files.readAllBytes(file));
            }
        }
    }

    private Map<String, String> environment(S3Server objects, FileServer files, String host, String cases) {
        Map<String, String> environment = new HashMap<>(connection());
        environment.putAll(objects.environment());
        environment.putAll(Map.of(
                "CONSILIUM_MODEL",
                files.url("/models/tiny"),
                "CONSILIUM_DATA_ROOT",
                "s3://" + S3Server.BUCKET + "/" + cases,
                "CONSILIUM_S3__ENDPOINT",
                objects.settings().endpoint(),
                "CONSILIUM_S3__PATH_STYLE",
                "true",
                "CONSILIUM_FETCH__TOKEN_ENV",
                "FILES_PASSWORD",
                "FILES_PASSWORD",
                "reader:" + PASSWORD,
                "CONSILIUM_CACHE__DIR",
                directory.resolve("hosts").resolve(host).toString()));
        return environment;
    }

    private static Map<String, String> connection() {
        return Map.of(
                "CONSILIUM_KAFKA__BOOTSTRAP__SERVERS",
                cluster.bootstrapServers(),
                "CONSILIUM_SCHEMA_REGISTRY__URL",
                cluster.registryUrl(),
                "CONSILIUM_RUN_ID",
                RUN_ID);
    }

    private RunProcess start(String role, String name, Map<String, String> environment) {
        RunProcess started = RunProcess.start(
                directory,
                name,
                environment,
                "run",
                role,
                "--config",
                SmallRun.configuration(directory).toString(),
                "--run-dir",
                directory.resolve("runs").resolve(name).toString());
        processes.add(started);
        return started;
    }

    private List<Path> filesThatTell(String secret) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> tells(file, secret))
                    .toList();
        }
    }

    private static boolean tells(Path file, String secret) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).contains(secret);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
