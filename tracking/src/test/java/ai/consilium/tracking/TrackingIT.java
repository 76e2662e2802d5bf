package ai.consilium.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.RunContext;
import ai.consilium.runlog.lineage.LineageCheck;
import ai.consilium.runlog.lineage.LineageFiles;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Closing;
import ai.consilium.schemas.Component;
import ai.consilium.schemas.Consumed;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.ScorerRef;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.UpdateKind;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.WithKafka;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.openlineage.client.OpenLineage;
import io.openlineage.client.OpenLineageClientUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class TrackingIT {
    private static final String POLICY = "pediatrics";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TrackingConfig CONFIG = new TrackingConfig(
            List.of("tensorboard"),
            new TrackingConfig.Lineage("", "", Duration.ofSeconds(1)),
            new TrackingConfig.Mlflow("", "consilium", "", Duration.ofSeconds(1)));

    @WithKafka
    private static EmbeddedCluster cluster;

    @TempDir
    Path dir;

    private RunContext run;

    @BeforeEach
    void aRun() {
        run = cluster.run(POLICY);
        manifest();
        send(
                Topics.SCORING_CONFIGS,
                0,
                new ScoringConfig(
                        "plan",
                        "gba",
                        Map.of(),
                        List.of(ScorerRef.newBuilder()
                                .setName("accuracy")
                                .setVersion("v1")
                                .setComponent(Component.ACCURACY)
                                .setRequired(true)
                                .setShadow(false)
                                .build()),
                        "{}"));
        send(Topics.TRAINING_GROUPS, 0, group("g-1"));
        send(Topics.TRAINING_GROUPS, 0, group("g-2"));
        send(Topics.POLICY_UPDATES, 0, update(POLICY, 0, UpdateKind.DSA, List.of(), List.of()));
        send(Topics.POLICY_UPDATES, 0, step(1, 0, 1, "g-1"));
        send(
                Topics.POLICY_UPDATES,
                0,
                update(Topics.UNIFIED, 1, UpdateKind.MERGE, List.of(new Parent(POLICY, 1L, "hash1")), List.of()));
    }

    private void manifest() {
        send(
                Topics.RUN_MANIFESTS,
                0,
                RunManifest.newBuilder()
                        .setRunId(run.runId())
                        .setRevision(1)
                        .setFromRound(0)
                        .setFormat(1)
                        .setVersion("0.2.0 (commit abc)")
                        .setPolicies(List.of(POLICY, Topics.UNIFIED))
                        .setSettings(Map.of("model.sha256", "bb", "data_root/train.jsonl.sha256", "cc"))
                        .setWriter("scheduler/a")
                        .setCreatedMs(1)
                        .build());
    }

    private void send(Topics topic, int partition, SpecificRecord value) {
        try (Producer<String, SpecificRecord> producer = run.kafka().producer("test")) {
            // The close waits for it.
            var unused = producer.send(new ProducerRecord<>(run.kafka().topic(topic), partition, "k", value));
        }
    }

    private PolicyUpdate step(long version, long from, long to, String group) {
        return PolicyUpdate.newBuilder(update(
                        POLICY,
                        version,
                        UpdateKind.REINFORCEMENT,
                        List.of(new Parent(POLICY, version - 1, "hash" + (version - 1))),
                        List.of(group)))
                .setConsumed(List.of(new Consumed(run.kafka().topic(Topics.TRAINING_GROUPS), 0, from, to)))
                .build();
    }

    private static PolicyUpdate update(
            String policy, long version, UpdateKind kind, List<Parent> parents, List<String> groups) {
        return PolicyUpdate.newBuilder(RunRecords.update(policy, version, 1, 10))
                .setKind(kind)
                .setParents(parents)
                .setGroupIds(groups)
                .setAdapterHash("hash" + version)
                .setAdapterSha256("file" + version)
                .setFigures(Map.of("reward/mean", 0.25 * version))
                .setCreatedMs(1_764_400_000_000L + version)
                .build();
    }

    private static TrainingGroup group(String id) {
        List<Member> members = Stream.of(0, 1)
                .map(sample -> Member.newBuilder()
                        .setTrajectoryId(id + "/" + sample)
                        .setSampleIndex(sample)
                        .setPerspective("none")
                        .setPromptHash("")
                        .setTokens(List.of(1, 2))
                        .setLogprobs(List.of(-1f, -2f))
                        .setSpans(List.of())
                        .setTruncated(false)
                        .setAdvantage(sample)
                        .setParts(Map.of())
                        .build())
                .toList();
        return TrainingGroup.newBuilder()
                .setGroupId(id)
                .setSpecialty(POLICY)
                .setCaseRef(new CaseRef("train.jsonl", "00", "case-1"))
                .setScoringConfigHash("plan")
                .setEstimator("gba")
                .setGroupSize(2)
                .setMembers(members)
                .setTemperature(1)
                .setClosed(Closing.COMPLETE)
                .setMissing(List.of())
                .setSuperseded(0)
                .setCapResidual(0)
                .setCreatedMs(1)
                .build();
    }

    private void track() throws InterruptedException {
        track(Map.of());
    }

    private void track(Map<String, Integer> examined) throws InterruptedException {
        try (TrackingService service = new TrackingService(run, CONFIG, dir, "kafka://embedded", examined, Map.of())) {
            service.start();
            service.complete();
            assertThat(service.finished()).isTrue();
            assertThat(service.threads()).allMatch(thread -> thread.failure().isEmpty());
        }
    }

    private JsonNode lineage(String version) throws Exception {
        return JSON.readTree(LineageFiles.of(dir).file(version).toFile());
    }

    private LineageCheck check() {
        return LineageCheck.of(run.kafka(), run.runId(), LineageFiles.of(dir), Optional.empty());
    }

    private SortedMap<String, String> written() throws Exception {
        SortedMap<String, String> content = new TreeMap<>();
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                content.put(dir.relativize(file).toString(), DigestUtils.sha256Hex(Files.readAllBytes(file)));
            }
        }
        return content;
    }

    private static void cut(Path file) throws Exception {
        byte[] content = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(content, content.length - 7));
    }

    @Test
    void givenPublishedVersionsWhenTrackedThenEachHasALineageThatIsChainedToWhatItCameOf() throws Exception {
        track();

        JsonNode step = lineage("pediatrics@1");
        assertThat(step.at("/groups/0/place").asText()).isEqualTo("training-groups/0@0");
        assertThat(step.at("/groups")).hasSize(1);
        assertThat(step.at("/scoring/0/scorers/0/version").asText()).isEqualTo("v1");
        assertThat(step.at("/manifest/place").asText()).isEqualTo("run-manifests/0@0");
        assertThat(step.path("base_model_sha256").asText()).isEqualTo("bb");
        assertThat(step.path("code").asText()).isEqualTo("0.2.0 (commit abc)");
        assertThat(step.at("/cases/train.jsonl").asText()).isEqualTo("cc");
        assertThat(step.at("/trajectories/sha256").asText()).isEqualTo(DigestUtils.sha256Hex("g-1/0\ng-1/1\n"));
        assertThat(step.at("/adapter/file_sha256").asText()).isEqualTo("file1");
        String before =
                DigestUtils.sha256Hex(Files.readAllBytes(LineageFiles.of(dir).file("pediatrics@0")));
        assertThat(step.at("/previous/lineage_sha256").asText()).isEqualTo(before);
        assertThat(step.at("/parents/0/lineage_sha256").asText()).isEqualTo(before);
        assertThat(lineage("unified@1").at("/parents/0/lineage_sha256").asText())
                .isEqualTo(DigestUtils.sha256Hex(
                        Files.readAllBytes(LineageFiles.of(dir).file("pediatrics@1"))));
        assertThat(check().differences()).isEmpty();
    }

    /** A fork's learner publishes the other run's agent at once. */
    @Test
    void givenAVersionThatIsPublishedBeforeTheManifestWhenTrackedThenItsLineageNamesTheManifest() throws Exception {
        run = cluster.run(POLICY);
        send(Topics.POLICY_UPDATES, 0, update(Topics.UNIFIED, 0, UpdateKind.DSA, List.of(), List.of()));
        try (TrackingService service = new TrackingService(run, CONFIG, dir, "kafka://embedded", Map.of(), Map.of())) {
            service.start();
            await().until(() -> service.threads().stream()
                    .anyMatch(thread -> thread.waitingFor().equals("the run's manifest")));
            manifest();
            await().until(() -> Files.exists(LineageFiles.of(dir).file("unified@0")));
            service.complete();
            assertThat(service.finished()).isTrue();
        }

        assertThat(lineage("unified@0").at("/manifest/place").asText()).isEqualTo("run-manifests/0@0");
        assertThat(check().differences()).isEmpty();
    }

    @Test
    void givenFilesThatAKillLeftUnfinishedWhenTrackedAgainThenTheyBecomeTheSameBytes() throws Exception {
        track();
        SortedMap<String, String> whole = written();
        assertThat(whole.keySet()).anyMatch(name -> name.contains("tfevents")).contains("metrics.jsonl");

        Files.delete(LineageFiles.of(dir).file("pediatrics@1"));
        cut(LineageFiles.of(dir).file("unified@1"));
        cut(dir.resolve("metrics.jsonl"));
        cut(dir.resolve("lineage/openlineage.jsonl"));
        for (String name : whole.keySet()) {
            if (name.contains("tfevents")) {
                cut(dir.resolve(name));
            }
        }
        track();

        assertThat(written()).isEqualTo(whole);
    }

    @Test
    void givenAResumedRunWhenMoreIsPublishedThenOnlyThatIsAdded() throws Exception {
        track();
        SortedMap<String, String> before = written();

        send(Topics.POLICY_UPDATES, 0, step(2, 1, 2, "g-2"));
        track();

        assertThat(lineage("pediatrics@2").at("/groups/0/place").asText()).isEqualTo("training-groups/0@1");
        assertThat(written()).containsEntry("lineage/pediatrics@1.json", before.get("lineage/pediatrics@1.json"));
        assertThat(Files.readAllLines(dir.resolve("metrics.jsonl"))).hasSize(4);
        LineageCheck check = check();
        assertThat(check.differences()).isEmpty();
        assertThat(check.versions()).isEqualTo(4);
        assertThat(check.groups()).isEqualTo(2);
    }

    @Test
    void givenAFileThatWasMadeAnewWhenCheckedThenTheChainBehindItIsBroken() throws Exception {
        track();
        Path file = LineageFiles.of(dir).file("pediatrics@0");
        Files.writeString(file, Files.readString(file).replace("\"writer\":\"test\"", "\"writer\":\"nobody\""));

        assertThat(check().differences())
                .extracting(difference -> difference.where() + " " + difference.what())
                .anyMatch(told -> told.endsWith("pediatrics@0.json writer is nobody, but by the log test"))
                .anyMatch(told -> told.contains("pediatrics@1.json the chain is broken: it names "))
                .hasSize(3);
    }

    @Test
    void givenAnExaminationWhenItsLastCaseHasEndedThenItHasALine() throws Exception {
        for (int place = 0; place < 2; place++) {
            GroupOutcome outcome = GroupOutcome.newBuilder(
                            RunRecords.outcome("pediatrics@1-" + place, Outcome.EXAMINED))
                    .setSpecialty(POLICY)
                    .setPolicyVersion(1)
                    .setPassRate(place == 0 ? 1.0 : 0.0)
                    .build();
            send(Topics.GROUP_OUTCOMES, 0, outcome);
        }

        track(Map.of(POLICY, 2));

        assertThat(Files.readAllLines(dir.resolve("metrics.jsonl")))
                .filteredOn(line -> line.contains("\"validation\""))
                .singleElement()
                .asString()
                .contains("\"version\":1", "\"val/accuracy\":0.5", "\"val/cases\":2.0");
    }

    @Test
    void givenVersionsWhenReadAsOpenLineageThenInputsHaveOffsetsAndTheOutputIsTheVersion() throws Exception {
        track();

        List<OpenLineage.RunEvent> events = Files.readAllLines(dir.resolve("lineage/openlineage.jsonl")).stream()
                .map(OpenLineageClientUtils::runEventFromJson)
                .toList();

        assertThat(events)
                .hasSize(3)
                .allMatch(event -> event.getEventType() == OpenLineage.RunEvent.EventType.COMPLETE);
        OpenLineage.RunEvent step = events.get(1);
        assertThat(step.getOutputs().get(0).getName()).isEqualTo(run.runId() + "/pediatrics");
        assertThat(step.getOutputs().get(0).getFacets().getVersion().getDatasetVersion())
                .isEqualTo("1");
        assertThat(step.getInputs())
                .extracting(OpenLineage.InputDataset::getName)
                .containsExactly(
                        run.runId() + "-training-groups",
                        run.runId() + "/pediatrics",
                        "cases/train.jsonl",
                        "base-model");
        assertThat(step.getInputs().get(0).getFacets().getVersion().getDatasetVersion())
                .isEqualTo("0@0-1");
        assertThat(events).extracting(event -> event.getRun().getRunId()).doesNotHaveDuplicates();
    }

    @Test
    void givenASettingThatCannotBeMeantWhenBoundThenItIsRefusedByName() {
        assertThatThrownBy(() -> new TrackingConfig(List.of("wandb"), CONFIG.lineage(), CONFIG.mlflow()))
                .hasMessage("trackers: 'wandb' is not one of tensorboard, mlflow");
        assertThatThrownBy(() -> new TrackingConfig(List.of("mlflow"), CONFIG.lineage(), CONFIG.mlflow()))
                .hasMessage("mlflow.tracking_uri is not set, but trackers contains mlflow");
        assertThatThrownBy(() -> new TrackingConfig.Lineage("http://u:p@h/", "", Duration.ofSeconds(1)))
                .hasMessageContaining("must not contain credentials; use lineage.openlineage_token_env");
        TrackingConfig token = new TrackingConfig(
                List.of(), new TrackingConfig.Lineage("http://h/", "TOKEN", Duration.ofSeconds(1)), CONFIG.mlflow());
        assertThatThrownBy(() -> token.requireTokens(Map.of()))
                .isInstanceOf(UsageException.class)
                .hasMessage("lineage.openlineage_token_env: the environment variable TOKEN is not set");
    }
}
