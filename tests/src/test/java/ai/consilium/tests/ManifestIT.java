package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.CaseEdition;
import ai.consilium.rollout.scheduler.SchedulerService;
import ai.consilium.runlog.GroupAccounting;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RecordedLog;
import ai.consilium.testing.WithKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.TransactionListing;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A role is held to the run's manifest before it consumes or joins anything. */
class ManifestIT {
    /** The launcher would say where it is. */
    private static final Path MODEL =
            Path.of("..", "models", "tiny").toAbsolutePath().normalize();

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private static Path directory;

    @WithKafka
    private static EmbeddedCluster cluster;

    private static Path data;
    private static Path otherData;

    private final List<RunProcess> processes = new ArrayList<>();

    @BeforeAll
    static void simulate() {
        data = directory.resolve("data");
        otherData = directory.resolve("other");
        Clinic.write(data, new ClinicSettings(1, .3, 10, 2, 2));
        Clinic.write(otherData, new ClinicSettings(2, .3, 10, 2, 2));
    }

    @AfterEach
    void stopWhatRuns() {
        processes.forEach(RunProcess::close);
    }

    @Test
    void givenARunWhenRolesWithOtherDataOrSettingsStartThenEachIsRefusedByEveryKeyAndConsumesNothing()
            throws Exception {
        KafkaClients kafka = cluster.clients("refusing");
        // Something for everyone to consume; its schemas were there first.
        RecordedLog recorded = RecordedLog.ofVersion01().registeredIn(kafka.registry(), "refusing");
        scheduler("refusing");
        RunManifest manifest = manifest(kafka);
        List<Topics> inputs = List.of(Topics.PROMPTS, Topics.TRAJECTORIES, Topics.TRAINING_GROUPS);
        inputs.forEach(topic -> RecordedLog.produce(kafka, recorded.of(topic)));
        GroupAccounting before = accounting(kafka);

        refused("refusing", "reward", otherData, List.of(), train(manifest, true));
        refused("refusing", "rollout", otherData, List.of(), train(manifest, true), train(manifest, false));
        refused(
                "refusing",
                "learner",
                data,
                List.of("--set", "batch_size=3", "--set", "rl.learning_rate=0.5", "--set", "compute.dtype=bf16"),
                "batch_size: 3 here, 2 in ",
                "compute.dtype: bf16 here, fp32 in ",
                "rl.learning_rate: 0.5 here, 0.0008 in ");
        refused(
                "refusing",
                "advantage",
                data,
                List.of("--set", "specialties=[oncology_surgery,pediatrics]"),
                "specialties: [oncology_surgery, pediatrics] here, [pediatrics, oncology_surgery] in ");

        assertThat(accounting(kafka)).isEqualTo(before);
        assertThat(before.records().get("dead-letters")).isZero();
        assertThat(groupsAndTransactions(kafka)).containsExactly("refusing-scheduler");
    }

    /** Without the scheduler's heartbeats and events: it lives on, and tells that nobody works for it. */
    private static GroupAccounting accounting(KafkaClients kafka) {
        GroupAccounting all = GroupAccounting.describe(kafka);
        Map<String, Long> records = new LinkedHashMap<>(all.records());
        records.remove(Topics.HEARTBEATS.baseName());
        records.put(
                Topics.RUN_EVENTS.baseName(),
                RunOnDisk.read(kafka, Topics.RUN_EVENTS, RunEvent.class).stream()
                        .filter(event -> !event.getRole().equals(SchedulerService.ROLE))
                        .count());
        return new GroupAccounting(records, all.prompts(), all.outcomes(), all.balanced());
    }

    @Test
    void givenRolesThatStartFirstWhenTheSchedulerComesThenTheOneThatFitsGoesOnAndTheOtherIsRefused() throws Exception {
        RunProcess fits = role("waiting", "reward", "fits", data);
        RunProcess other = role("waiting", "reward", "other", otherData);
        for (RunProcess waiting : List.of(fits, other)) {
            await().atMost(RunProcess.PATIENCE).untilAsserted(() -> {
                assertThat(waiting.alive()).as(waiting.errors()).isTrue();
                assertThat(waiting.errors())
                        .contains("waiting        for the manifest of run waiting, which its scheduler writes");
            });
        }
        assertThat(groupsAndTransactions(cluster.clients("waiting"))).isEmpty();

        scheduler("waiting");

        assertThat(other.exit()).as(other.errors()).isEqualTo(2);
        assertThat(other.errors()).contains("consilium: " + train(manifest(cluster.clients("waiting")), true));
        await().atMost(RunProcess.PATIENCE)
                .untilAsserted(() -> assertThat(fits.errors()).contains("role           reward"));
        assertThat(fits.alive()).isTrue();
    }

    @Test
    void givenCasesAreAddedWhenARoundDrawsOnThemThenAHostWithMoreFitsAndOneThatIsBehindIsToldToCopyThem()
            throws Exception {
        Path more = directory.resolve("more");
        Clinic.write(more, new ClinicSettings(1, .3, 10, 2, 2));
        RunProcess behind = role("growing", "reward", "behind", data);
        scheduler("growing");
        await().atMost(RunProcess.PATIENCE)
                .untilAsserted(() -> assertThat(behind.errors()).contains("role           reward"));
        add(otherData.resolve("val.jsonl"), more);
        CaseFile edition = CaseFile.read(more.resolve("train.jsonl"));
        add(otherData.resolve("test.jsonl"), more);

        KafkaClients kafka = cluster.clients("growing");
        RunManifest revised = new CaseEdition(2, edition.cases().size(), edition.sha256(), "")
                .after(manifest(kafka), "test", System.currentTimeMillis());
        ManifestLog.revise(kafka, revised, "test");

        assertThat(behind.exit()).as(behind.errors()).isEqualTo(2);
        assertThat(behind.errors())
                .contains(
                        "consilium: data_root/train.jsonl.cases: 40 here, 48 cases since round 3 in the manifest of run"
                                + " growing, revision 2: copy the run's file, with its pictures, and start this again");
        Files.writeString(more.resolve("train.jsonl"), "{\"id\":", StandardOpenOption.APPEND);
        RunProcess ahead = role("growing", "reward", "ahead", more);
        await().atMost(RunProcess.PATIENCE)
                .untilAsserted(() -> assertThat(ahead.errors()).contains("role           reward"));
        assertThat(ahead.errors())
                .contains("cases          as the run has them; data_root: ", "train.jsonl:57: broken JSON");
        assertThat(ahead.alive()).isTrue();
    }

    @Test
    void givenASchedulerWithASpecialtyMoreThenRolesWithoutItEndByNameAndThoseThatHaveItTakePart() throws Exception {
        Map<String, String> two = Map.of("CONSILIUM_ROUNDS", "0");
        Map<String, String> three = Map.of(
                "CONSILIUM_ROUNDS", "0", "CONSILIUM_SPECIALTIES", "[pediatrics, oncology_surgery, adult_medicine]");
        RunProcess first = role("joined", "scheduler", "first", data, two);
        RunProcess without = role("joined", "advantage", "without", data, two);
        await().atMost(RunProcess.PATIENCE)
                .untilAsserted(() -> assertThat(without.errors()).contains("role           advantage"));
        RunProcess early = role("joined", "advantage", "early", data, three);
        assertThat(early.exit()).as(early.errors()).isEqualTo(2);
        assertThat(early.errors())
                .contains(
                        "manifest of run joined, revision 1: specialties are added by the scheduler; start it before this");

        RunProcess longer = role("joined", "scheduler", "longer", data, three);

        assertThat(without.exit()).as(without.errors()).isEqualTo(2);
        assertThat(without.errors())
                .contains("consilium: specialties: [pediatrics, oncology_surgery] here, [pediatrics, oncology_surgery,"
                        + " adult_medicine] in the manifest of run joined, revision 2: specialties were added; set what the"
                        + " run has, and start this again");
        assertThat(first.exit()).as(first.errors()).isNotZero();
        RunProcess with = role("joined", "advantage", "with", data, three);
        await().atMost(RunProcess.PATIENCE)
                .untilAsserted(() -> assertThat(with.errors()).contains("role           advantage"));
        assertThat(longer.errors()).contains("specialties    adult_medicine: trained from round 2 on");
        assertThat(longer.alive()).as(longer.errors()).isTrue();
        KafkaClients kafka = cluster.clients("joined");
        assertThat(manifest(kafka).getPolicies())
                .containsExactly("pediatrics", "oncology_surgery", "unified", "adult_medicine");
        assertThat(partitions(kafka, Topics.ADAPTERS)).isEqualTo(4);
        assertThat(partitions(kafka, Topics.PROMPTS)).isEqualTo(kafka.settings().partitions());
    }

    private static int partitions(KafkaClients kafka, Topics topic) throws Exception {
        try (var admin = kafka.admin()) {
            return admin.describeTopics(List.of(kafka.topic(topic))).allTopicNames().get().values().stream()
                    .mapToInt(found -> found.partitions().size())
                    .sum();
        }
    }

    /** Adds the cases of a file to the training cases of a directory, where pictures of their names lie. */
    private static void add(Path cases, Path to) throws IOException {
        Files.write(to.resolve("train.jsonl"), Files.readAllBytes(cases), StandardOpenOption.APPEND);
    }

    /** What is said of the training cases, or of their pictures. */
    private static String train(RunManifest manifest, boolean cases) {
        CaseFile here = CaseFile.read(otherData.resolve("train.jsonl"));
        String key = "data_root/train.jsonl" + (cases ? "" : ".images") + ".sha256";
        return "%s: %s here, %s in the manifest of run %s, revision 1"
                .formatted(
                        key,
                        cases ? here.sha256() : here.imagesSha256(),
                        manifest.getSettings().get(key),
                        manifest.getRunId());
    }

    private static void refused(String runId, String role, Path dataRoot, List<String> more, String... problems) {
        Path runDirectory = directory.resolve(runId + "-" + role);
        List<String> arguments = new ArrayList<>(arguments(role, runDirectory));
        arguments.addAll(List.of("--set", "model=" + MODEL));
        arguments.addAll(more);
        long start = System.nanoTime();
        CommandLineRun run = CommandLineRun.of(environment(runId, dataRoot), arguments.toArray(String[]::new));
        System.out.printf("%s refused after %.1f s%n", role, (System.nanoTime() - start) / 1e9);
        assertThat(run.code()).as(String.join("\n", run.errors())).isEqualTo(2);
        List<String> lines = run.errors().stream()
                .filter(line -> line.startsWith("consilium: "))
                .toList();
        assertThat(lines).hasSize(problems.length);
        Arrays.stream(problems)
                .forEach(problem -> assertThat(lines)
                        .anyMatch(line -> line.startsWith("consilium: " + problem)
                                && line.endsWith("the manifest of run " + runId + ", revision 1")));
        assertThat(runDirectory).doesNotExist();
    }

    private void scheduler(String runId) {
        role(runId, "scheduler", "scheduler", data);
    }

    private RunProcess role(String runId, String role, String name, Path dataRoot) {
        return role(runId, role, name, dataRoot, Map.of());
    }

    private RunProcess role(String runId, String role, String name, Path dataRoot, Map<String, String> settings) {
        Map<String, String> environment = environment(runId, dataRoot);
        environment.putAll(settings);
        RunProcess started = RunProcess.start(
                directory,
                runId + "-" + name,
                environment,
                arguments(role, directory.resolve(runId + "-" + name)).toArray(String[]::new));
        processes.add(started);
        return started;
    }

    private static List<String> arguments(String role, Path runDirectory) {
        return List.of(
                "run",
                role,
                "--config",
                SmallRun.configuration(directory).toString(),
                "--run-dir",
                runDirectory.toString());
    }

    private static Map<String, String> environment(String runId, Path dataRoot) {
        return new HashMap<>(Map.of(
                "CONSILIUM_KAFKA__BOOTSTRAP__SERVERS",
                cluster.bootstrapServers(),
                "CONSILIUM_SCHEMA_REGISTRY__URL",
                cluster.registryUrl(),
                "CONSILIUM_RUN_ID",
                runId,
                "CONSILIUM_DATA_ROOT",
                dataRoot.toString()));
    }

    private static RunManifest manifest(KafkaClients kafka) {
        await().atMost(RunProcess.PATIENCE)
                .until(() -> ManifestLog.newest(kafka).isPresent());
        return ManifestLog.newest(kafka).orElseThrow();
    }

    /** Consumer, share and Streams groups, and transactional ids, that a run has on the cluster. */
    private static List<String> groupsAndTransactions(KafkaClients kafka) throws Exception {
        try (var admin = kafka.admin()) {
            Stream<String> groups = admin.listGroups().all().get().stream().map(GroupListing::groupId);
            Stream<String> transactions =
                    admin.listTransactions().all().get().stream().map(TransactionListing::transactionalId);
            return Stream.concat(groups, transactions)
                    .filter(name -> name.startsWith(kafka.settings().prefix()))
                    .toList();
        }
    }
}
