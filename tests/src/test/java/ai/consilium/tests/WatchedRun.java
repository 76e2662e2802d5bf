package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.testing.EmbeddedCluster;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** A small run of one process a role, and what its watchdog says of it. */
final class WatchedRun implements AutoCloseable {
    /** Within 30 s on a machine with nothing else to do; failures are told by this only. */
    private static final Duration NAMED = Duration.ofMinutes(4);

    private final Map<String, String> environment;
    private final Path directory;
    private final List<String> configuration;
    private final Map<String, RunProcess> processes = new LinkedHashMap<>();
    private final List<String> delays = new ArrayList<>();

    /**
     * With its cases, and no process yet.
     *
     * @param directory of the run's files, one for each role beneath it
     * @param settings in YAML, over those of a small run
     */
    WatchedRun(EmbeddedCluster cluster, Path directory, String runId, String settings)
            throws IOException, InterruptedException {
        this(cluster.bootstrapServers(), cluster.registryUrl(), directory, runId, settings);
    }

    WatchedRun(String bootstrapServers, String registryUrl, Path directory, String runId, String settings)
            throws IOException, InterruptedException {
        this.directory = directory;
        Path own = Files.writeString(directory.resolve("own.yaml"), settings);
        this.configuration =
                List.of("--config", SmallRun.configuration(directory).toString(), "--config", own.toString());
        Path data = directory.resolve("data");
        this.environment = Map.of(
                "CONSILIUM_KAFKA__BOOTSTRAP__SERVERS", bootstrapServers,
                "CONSILIUM_SCHEMA_REGISTRY__URL", registryUrl,
                "CONSILIUM_RUN_ID", runId,
                "CONSILIUM_DATA_ROOT", data.toString());
        RunProcess simulated = RunProcess.start(
                directory, "simulate", Map.of(), command("cases", "simulate", "--out", data.toString()));
        simulated.succeed();
    }

    /** Starts a role, in a directory of its own. */
    void start(String role) {
        start(role, directory(role));
    }

    /** Starts a role and waits until it is there: others wait for the scheduler's manifest, and small machines are busy. */
    void start(String role, Path runDirectory) {
        launch(role, role, runDirectory, Map.of()).awaitAnnounced("role");
    }

    /** Starts a process of a role, in the directory that it has or had, and waits for nothing. @param name of the process */
    RunProcess launch(String role, String name) {
        return launch(role, name, directory(name), Map.of(), "--resume");
    }

    /** Starts a process of a role whose environment differs, in a directory of its own. @param name of the process */
    RunProcess launch(String role, String name, Map<String, String> moreEnvironment) {
        return launch(role, name, directory(name), moreEnvironment);
    }

    private RunProcess launch(
            String role, String name, Path runDirectory, Map<String, String> moreEnvironment, String... more) {
        String[] words = Stream.concat(Stream.of("run", role, "--run-dir", runDirectory.toString()), Stream.of(more))
                .toArray(String[]::new);
        Map<String, String> all = new LinkedHashMap<>(environment);
        all.putAll(moreEnvironment);
        RunProcess started = RunProcess.start(directory, name, all, command(words));
        processes.put(name, started);
        return started;
    }

    /** Scores the run again, and trains its experts on what comes of it. @param into new run directory */
    CommandLineRun trainAgain(Path into) {
        return CommandLineRun.of(
                environment,
                command("rescore", "--set", "model=" + SmallRun.MODEL, "--train", into.toString(), "-o", "json"));
    }

    /** The run's books. */
    JsonNode describe() throws IOException {
        return SmallRun.describe(environment, configuration.toArray(String[]::new));
    }

    private String[] command(String... words) {
        return Stream.concat(Stream.of(words), configuration.stream()).toArray(String[]::new);
    }

    /** Run directory of a role. */
    Path directory(String role) {
        return directory.resolve("runs").resolve(role);
    }

    RunProcess process(String role) {
        return Objects.requireNonNull(processes.get(role), role);
    }

    /** Roles that were started. */
    Set<String> roles() {
        return processes.keySet();
    }

    /** Two versions more than there were. */
    void untilTrained() throws InterruptedException {
        long before = process("monitor").newestVersion();
        await().atMost(RunProcess.PATIENCE).until(() -> process("monitor").newestVersion() >= before + 2);
    }

    /** On the page, and in the monitor's metrics; a stage that has ended is told of. */
    void untilAlarmed(String cause) {
        long start = System.nanoTime();
        await().atMost(NAMED).pollInterval(Duration.ofMillis(250)).untilAsserted(() -> {
            assertThat(causes()).as(process("monitor").errors()).contains(cause);
            assertThat(scrape("monitor")).contains("consilium_alarm{cause=\"" + cause + "\"} 1");
        });
        delays.add("%s %.0f".formatted(cause, (System.nanoTime() - start) / 1e9));
    }

    /** A cause is there no longer. */
    void untilGone(String cause) {
        await().atMost(NAMED)
                .pollInterval(Duration.ofMillis(250))
                .untilAsserted(() ->
                        assertThat(causes()).as(process("monitor").errors()).doesNotContain(cause));
    }

    /** Nothing is wrong any more. */
    void untilQuiet() {
        await().atMost(NAMED)
                .pollInterval(Duration.ofMillis(250))
                .untilAsserted(() ->
                        assertThat(causes()).as(process("monitor").errors()).isEmpty());
    }

    /** What is wrong by now. */
    Set<String> causes() throws InterruptedException {
        return alarms().map(alarm -> alarm.path("cause").asText()).collect(Collectors.toCollection(TreeSet::new));
    }

    /** An alarm that stands. */
    JsonNode alarm(String cause) throws InterruptedException {
        return alarms().filter(alarm -> alarm.path("cause").asText().equals(cause))
                .findFirst()
                .orElseThrow();
    }

    private Stream<JsonNode> alarms() throws InterruptedException {
        return process("monitor").picture().stream()
                .flatMap(picture -> StreamSupport.stream(picture.path("alarms").spliterator(), false));
    }

    /** A role's metrics. */
    String scrape(String role) throws IOException, InterruptedException {
        return RunProcess.get(process(role).announced("metrics").orElseThrow()).body();
    }

    /** How long each alarm took to be told, in seconds. */
    String delays() {
        return String.join(", ", delays);
    }

    @Override
    public void close() {
        processes.values().forEach(RunProcess::close);
    }
}
