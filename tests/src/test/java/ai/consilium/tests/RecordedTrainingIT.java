package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.memory.MemoryReport;
import ai.consilium.cli.run.Checkpointing;
import ai.consilium.cli.run.ModelRuntime;
import ai.consilium.cli.run.RoleFactory;
import ai.consilium.learner.LearnerService;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.learner.lineage.RecordedSamples;
import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.platform.service.Service;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.FastSha256;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code consilium rescore --train}: learners fed from a rescored log, compared bit by bit with learners that were fed as ever. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class RecordedTrainingIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int STEPS = 3;
    private static final int BATCH = 2;

    @WithKafka
    private static EmbeddedCluster cluster;

    @TempDir
    static Path shared;

    private static Path run;

    @BeforeAll
    static void train() throws Exception {
        run = shared.resolve("sampled");
        succeed("train", "--config", SmallRun.configuration(shared).toString(), "--run-dir", run.toString());
    }

    private static void succeed(String command, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(command, "--set", "model=" + SmallRun.MODEL));
        all.addAll(List.of(arguments));
        try (RunProcess process =
                RunProcess.start(shared, command + arguments.length, Map.of(), all.toArray(String[]::new))) {
            process.succeed();
        }
    }

    @Test
    void givenARunsOwnConfigurationWhenTrainedFromItsLogThenEveryVersionIsThatOfTheRunBitForBit() throws Exception {
        Path again = shared.resolve("again");

        succeed("rescore", "--run-dir", run.toString(), "--train", again.toString());

        SortedMap<String, String> weights = SmallRun.expertHashes(SmallRun.updates(again));
        assertThat(weights).hasSize(SmallRun.SPECIALTIES.size() * (STEPS + 1));
        assertThat(weights).isEqualTo(SmallRun.expertHashes(SmallRun.updates(run)));
        JsonNode books = SmallRun.describe(again);
        assertThat(books.path("balanced").asBoolean()).as("%s", books).isTrue();
        assertThat(books.at("/outcomes/trained").asInt()).isEqualTo(SmallRun.SPECIALTIES.size() * STEPS * BATCH);
        JsonNode lineage =
                JSON.readTree(again.resolve("lineage/pediatrics@3.json").toFile());
        assertThat(lineage.at("/recorded/run").asText()).isEqualTo("sampled");
        assertThat(lineage.at("/recorded/manifest_sha256").asText())
                .isEqualTo(
                        JSON.readTree(run.resolve("lineage/pediatrics@3.json").toFile())
                                .at("/manifest/sha256")
                                .asText());
        CommandLineRun verified = CommandLineRun.of("trace", "--verify", "--run-dir", again.toString());
        assertThat(verified.code()).as(verified.text()).isZero();
        assertThat(JSON.readTree(again.resolve("results.json").toFile()).path("rl"))
                .isEqualTo(JSON.readTree(run.resolve("results.json").toFile()).path("rl"));
        assertThat(again.resolve("report.html")).isRegularFile();
        assertThat(CommandLineRun.of("train", "--resume", "--run-dir", again.toString())
                        .told())
                .singleElement()
                .asString()
                .contains("was trained on what another run sampled");
        assertThat(CommandLineRun.of("rescore", "--run-dir", run.toString(), "--train", again.toString())
                        .code())
                .isEqualTo(2);
    }

    @Test
    void givenAnotherScorerWhenTrainedFromTheLogThenTheWeightsAreThoseOfARunThatHadItFromTheStartAndTheSameSamples()
            throws Exception {
        Files.writeString(shared.resolve("brief.yaml"), """
                name: brief
                perspective: analytical
                criteria:
                  - {kind: max_words, limit: 12, weight: 1}
                """);
        Path mine = Files.writeString(shared.resolve("mine.yaml"), """
                reward:
                  scorers:
                    - {name: accuracy, type: accuracy, required: true}
                    - {name: format, type: format, required: true}
                    - {name: analytical, type: rubric, file: brief.yaml, required: true}
                """);
        Path other = shared.resolve("other");

        succeed("rescore", "--run-dir", run.toString(), "--config", mine.toString(), "--train", other.toString());

        SortedMap<String, String> weights = SmallRun.expertHashes(SmallRun.updates(other));
        assertThat(weights).isNotEqualTo(SmallRun.expertHashes(SmallRun.updates(run)));
        assertThat(weights.keySet()).contains("pediatrics@1", "oncology_surgery@1");
        assertThat(weights).isEqualTo(scripted(other));
    }

    /** What is fed, in this order, to the services of a run that had the other scorer from the start. */
    private record Script(
            List<ScoringConfig> scoring,
            List<String> groups,
            Map<String, Prompt> prompts,
            Map<String, List<Trajectory>> trajectories) {}

    private static Script script(Path rescored) throws Exception {
        List<ScoringConfig> scoring;
        List<String> groups = new ArrayList<>();
        try (RunOnDisk log = new RunOnDisk(rescored)) {
            scoring = log.read(Topics.SCORING_CONFIGS, ScoringConfig.class);
            log.read(Topics.TRAINING_GROUPS, TrainingGroup.class).forEach(group -> groups.add(group.getGroupId()));
        }
        Map<String, Prompt> prompts = new HashMap<>();
        Map<String, List<Trajectory>> trajectories = new HashMap<>();
        try (RunOnDisk log = new RunOnDisk(run)) {
            log.read(Topics.PROMPTS, Prompt.class).forEach(prompt -> prompts.put(prompt.getGroupId(), prompt));
            log.read(Topics.TRAJECTORIES, Trajectory.class)
                    .forEach(trajectory -> trajectories
                            .computeIfAbsent(trajectory.getGroupId(), id -> new ArrayList<>())
                            .add(trajectory));
        }
        return new Script(scoring, groups, prompts, trajectories);
    }

    /** Versions of a run whose workers follow a script, while scores, advantages and steps are those of its services. */
    private static SortedMap<String, String> scripted(Path rescored) throws Exception {
        Script script = script(rescored);
        RunContext context = cluster.run(SmallRun.SPECIALTIES.toArray(String[]::new));
        ConsiliumConfig config = new ConfigOptions(Map.of())
                .ofRun(rescored.resolve("config.yaml"), shared, List.of("model=" + SmallRun.MODEL))
                .config();
        CaseLibrary cases = new CaseLibrary(rescored.resolve("data"));
        Path directory = Files.createDirectories(shared.resolve("scripted"));
        try (ModelRuntime runtime = ModelRuntime.load(config, cases, shared, MemoryReport.ALL)) {
            RoleFactory roles = new RoleFactory(config, context, cases, directory, shared, () -> runtime);
            try (Service advantages = roles.build(RoleFactory.Role.ADVANTAGE);
                    Service rewards = roles.build(RoleFactory.Role.REWARD)) {
                advantages.start();
                rewards.start();
                feed(script, context);
            }
            List<PolicyUpdate> versions = SmallRun.updates(run);
            try (LearnerService learner = new LearnerService(
                    context,
                    SmallRun.SPECIALTIES,
                    config.learner(),
                    new LearnerTask(
                            config.plan(),
                            config.merger().consolidate(),
                            ValidationPlan.NONE,
                            1,
                            false,
                            config.scheduler().sampling().maxCompletionTokens()),
                    runtime.learnerInputs(config, cases, Checkpointing.inDirectory(directory))
                            .trainedOn(new RecordedSamples(samplers(versions)), starts(versions)))) {
                learner.start();
                await().atMost(RunProcess.PATIENCE).until(learner::finished);
                assertThat(learner.threads())
                        .allMatch(thread -> thread.failure().isEmpty());
            }
        }
        List<PolicyUpdate> updates = new ArrayList<>();
        try (LogReader<PolicyUpdate> log = new LogReader<>(
                context.kafka(), Topics.POLICY_UPDATES, PolicyUpdate.class, UnusableRecords.LOGGED, null, Map.of())) {
            log.readToEnd(batch -> batch.forEach(record -> updates.add(record.value())));
        }
        return SmallRun.expertHashes(updates);
    }

    private static Set<Parent> samplers(List<PolicyUpdate> versions) {
        Set<Parent> samplers = new HashSet<>();
        versions.forEach(update ->
                samplers.add(new Parent(update.getSpecialty(), update.getVersion(), update.getAdapterHash())));
        return samplers;
    }

    private static Map<String, Adapter> starts(List<PolicyUpdate> versions) throws Exception {
        Map<String, Adapter> starts = new HashMap<>();
        try (RunOnDisk log = new RunOnDisk(run);
                AdapterLog<Adapter> adapters = new AdapterLog<>(
                        log.kafka(),
                        PolicyTable.of(SmallRun.SPECIALTIES),
                        Adapter::fromSafetensors,
                        Adapter::hash,
                        Adapter::beside,
                        FastSha256::digest)) {
            versions.stream()
                    .filter(update -> update.getVersion() == 0 && SmallRun.SPECIALTIES.contains(update.getSpecialty()))
                    .forEach(update -> starts.put(update.getSpecialty(), adapters.fetch(update)));
        }
        return starts;
    }

    /** One group after the other, so that they close in this order. */
    private static void feed(Script script, RunContext context) {
        String stamp = script.scoring().get(0).getHash();
        Set<String> closed = new HashSet<>();
        try (Producer<String, SpecificRecord> producer = context.kafka().producer("script");
                LogReader<TrainingGroup> log = new LogReader<>(
                        context.kafka(),
                        Topics.TRAINING_GROUPS,
                        TrainingGroup.class,
                        UnusableRecords.LOGGED,
                        null,
                        Map.of())) {
            script.scoring()
                    .forEach(config -> write(producer, context, Topics.SCORING_CONFIGS, config.getHash(), config));
            for (String id : script.groups()) {
                Prompt prompt = Prompt.newBuilder(
                                Objects.requireNonNull(script.prompts().get(id)))
                        .setScoringConfigHash(stamp)
                        .setDeadlineMs(System.currentTimeMillis() + 3_600_000)
                        .build();
                write(producer, context, Topics.PROMPTS, id, prompt);
                for (Trajectory trajectory : script.trajectories().getOrDefault(id, List.of())) {
                    Trajectory stamped = Trajectory.newBuilder(trajectory)
                            .setScoringConfigHash(stamp)
                            .build();
                    write(producer, context, Topics.TRAJECTORIES, id, stamped);
                }
                producer.flush();
                await().alias(id).atMost(RunProcess.PATIENCE).until(() -> {
                    log.poll(Duration.ofMillis(100))
                            .forEach(record -> closed.add(record.value().getGroupId()));
                    return closed.contains(id);
                });
            }
        }
    }

    private static void write(
            Producer<String, SpecificRecord> producer,
            RunContext context,
            Topics topic,
            String key,
            SpecificRecord value) {
        // The flush that follows waits for it.
        var unused = producer.send(new ProducerRecord<>(context.kafka().topic(topic), key, value));
    }
}
