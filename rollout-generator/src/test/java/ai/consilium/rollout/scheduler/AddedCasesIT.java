package ai.consilium.rollout.scheduler;

import static ai.consilium.rollout.scheduler.SchedulerRig.BATCH;
import static ai.consilium.rollout.scheduler.SchedulerRig.CHILDREN;
import static ai.consilium.rollout.scheduler.SchedulerRig.CONFIG;
import static ai.consilium.rollout.scheduler.SchedulerRig.SCORING;
import static ai.consilium.rollout.scheduler.SchedulerRig.SOON;
import static ai.consilium.rollout.scheduler.SchedulerRig.STEPS;
import static ai.consilium.rollout.scheduler.SchedulerRig.awaitPrompts;
import static ai.consilium.rollout.scheduler.SchedulerRig.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.clinic.SimulatedCase;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.CaseEdition;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunControl;
import ai.consilium.platform.run.RunSettings;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.rollout.RolloutLog;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UpdateKind;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.WithKafka;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A scheduler whose training file grows while its run goes on from round to round. */
@SuppressWarnings("NullAway.Init") // JUnit and the set-up fill the fields
class AddedCasesIT {
    private static final ClinicSettings CLINIC = new ClinicSettings(3, .3, 5, 4, 2);
    private static final int ROUNDS = 3;

    @WithKafka
    private static EmbeddedCluster cluster;

    @TempDir
    private Path data;

    private Path file;

    @BeforeEach
    void simulate() {
        Clinic.write(data, CLINIC);
        file = data.resolve("train.jsonl");
    }

    /** @return the new lines, without the end of the last */
    private String more(String split, int count) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (SimulatedCase drawn : Clinic.cases(CLINIC, split, CHILDREN, count)) {
            Case of = drawn.of();
            ImageIO.write(drawn.image(), "png", data.resolve(of.images().get(0)).toFile());
            lines.append(lines.isEmpty() ? "" : "\n").append(new String(CaseFile.json(of), StandardCharsets.UTF_8));
        }
        return lines.toString();
    }

    private void add(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }

    /** A host that has read its files, as they are by now. */
    private SchedulerService scheduler(RunContext run) {
        CaseLibrary library = new CaseLibrary(data);
        CaseFile cases = library.file("train.jsonl");
        Map<String, String> values = Map.of(
                CaseEdition.SHA256, cases.sha256(),
                CaseEdition.CASES, Integer.toString(cases.cases().size()),
                CaseEdition.IMAGES, library.imagesSha256(cases));
        RunSettings settings = new RunSettings(
                "0.2.0",
                run.policies(),
                new TreeMap<>(values),
                Set.of(),
                edition -> library.edition("train.jsonl", edition.sha256())
                        .map(here -> {
                            Map<String, String> own = new HashMap<>(values);
                            own.put(CaseEdition.SHA256, here.sha256());
                            own.put(
                                    CaseEdition.CASES,
                                    Integer.toString(here.cases().size()));
                            own.put(CaseEdition.IMAGES, library.imagesSha256(here));
                            return own;
                        })
                        .orElse(Map.of()));
        return new SchedulerService(
                new RunContext(run.runId(), run.instance(), settings, run.kafka(), run.metrics()),
                CONFIG,
                ConsolidationPlan.NONE,
                ValidationPlan.NONE,
                ROUNDS,
                library,
                SCORING);
    }

    /** Ends a round, trained on the first batch of its groups. */
    private static void end(RolloutLog log, int round) {
        long version = round * (STEPS + 1L) + 1;
        PolicyUpdate last = PolicyUpdate.newBuilder(RunRecords.update(CHILDREN, version, 1, 1))
                .setRound(round)
                .setFinalVersion(true)
                .setGroupIds(ids(CHILDREN, round * 2L * BATCH))
                .build();
        log.write(Topics.POLICY_UPDATES, CHILDREN, last);
    }

    private static void begin(RolloutLog log, int round) {
        PolicyUpdate start = PolicyUpdate.newBuilder(RunRecords.update(CHILDREN, round * (STEPS + 1L), 1, 1))
                .setKind(UpdateKind.DSA)
                .setRound(round)
                .build();
        log.write(Topics.POLICY_UPDATES, CHILDREN, start);
    }

    private static void awaitRound(RolloutLog log, int round) {
        begin(log, round);
        awaitPrompts(log, CHILDREN, (round + 1) * 2L * BATCH);
    }

    private static List<Prompt> prompts(RolloutLog log, int round) {
        return log.prompts(CHILDREN).stream()
                .filter(prompt -> prompt.getRound() == round)
                .toList();
    }

    private static Set<String> hashes(List<Prompt> prompts) {
        return prompts.stream()
                .map(prompt -> prompt.getCaseRef().getFileSha256())
                .collect(Collectors.toSet());
    }

    private static Set<String> cases(List<Prompt> prompts) {
        return prompts.stream().map(prompt -> prompt.getCaseRef().getId()).collect(Collectors.toSet());
    }

    private static List<RunManifest> manifests(RolloutLog log) {
        return log.read(Topics.RUN_MANIFESTS, RunManifest.class);
    }

    private static void awaitTold(RolloutLog log, EventKind kind, String message, Map<String, String> labels) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(log.read(Topics.RUN_EVENTS, RunEvent.class))
                        .anySatisfy(event -> {
                            assertThat(event.getKind()).isEqualTo(kind);
                            assertThat(event.getMessage()).contains(message);
                            assertThat(event.getLabels()).containsAllEntriesOf(labels);
                        }));
    }

    @Test
    void givenLinesAreAddedWhenARoundBeginsThenItDrawsOnThemAndTheRoundBeforeKeepsWhatItHad() throws Exception {
        RunContext run = cluster.run(CHILDREN);
        String first = CaseFile.read(file).sha256();
        try (RolloutLog log = new RolloutLog(run)) {
            try (SchedulerService scheduler = scheduler(run)) {
                scheduler.start();
                awaitRound(log, 0);
                add(more("more", 4) + "\n");
                end(log, 0);
                awaitRound(log, 1);
                awaitTold(
                        log,
                        EventKind.STARTED,
                        "round 2 draws on 24 cases, 4 of them new",
                        Map.of("edition_cases", "24", "edition_round", "2"));
            }
            String second = CaseFile.read(file).sha256();

            assertThat(hashes(prompts(log, 0))).containsExactly(first);
            assertThat(hashes(prompts(log, 1))).containsExactly(second);
            // Three of six: new ones come one by one between those that the epoch has left.
            assertThat(cases(prompts(log, 1)))
                    .filteredOn(id -> id.contains("more"))
                    .hasSize(BATCH);
            assertThat(manifests(log))
                    .extracting(
                            RunManifest::getRevision,
                            RunManifest::getFromRound,
                            manifest -> manifest.getSettings().get(CaseEdition.SHA256))
                    .containsExactly(tuple(1, 0, first), tuple(2, 1, second));

            // A line is being written, and the scheduler is killed: it goes on with what the run has.
            add(more("later", 1));
            add("\n");
            String third = CaseFile.read(file).sha256();
            try (SchedulerService again = scheduler(run)) {
                again.start();
                awaitTold(log, EventKind.STARTED, "12 prompts", Map.of("edition_cases", "24", "edition_round", "2"));
                assertThat(manifests(log)).hasSize(2);
                add("{\"id\":");
                end(log, 1);
                awaitRound(log, 2);
                awaitTold(
                        log,
                        EventKind.STARTED,
                        "round 3 draws on 25 cases, 1 of them new; the last line of train.jsonl has no end yet",
                        Map.of("edition_cases", "25", "edition_round", "3"));
                assertThat(hashes(prompts(log, 2))).containsExactly(third);
                end(log, 2);
                await().atMost(SOON).until(again::finished);
                assertThat(again.threads().get(0).failure()).isEmpty();
            }
        }
    }

    @Test
    void givenASchedulerThatIsStartedAnewInARoundThenItDrawsWhatTheOtherWouldHave() throws Exception {
        String added = more("more", 4) + "\n";
        RunContext one = cluster.run(CHILDREN);
        RunContext other = cluster.run(CHILDREN);
        try (RolloutLog log = new RolloutLog(one);
                RolloutLog killed = new RolloutLog(other)) {
            try (SchedulerService scheduler = scheduler(one);
                    SchedulerService until = scheduler(other)) {
                scheduler.start();
                until.start();
                awaitRound(log, 0);
                awaitRound(killed, 0);
                add(added);
                end(log, 0);
                end(killed, 0);
                awaitRound(log, 1);
                awaitRound(killed, 1);
                end(log, 1);
                awaitRound(log, 2);
            }
            try (SchedulerService again = scheduler(other)) {
                again.start();
                end(killed, 1);
                awaitRound(killed, 2);
            }
            assertThat(killed.prompts(CHILDREN))
                    .extracting(Prompt::getGroupId, Prompt::getCaseRef)
                    .containsExactlyInAnyOrderElementsOf(log.prompts(CHILDREN).stream()
                            .map(prompt -> tuple(prompt.getGroupId(), prompt.getCaseRef()))
                            .toList());
        }
    }

    @Test
    void givenAChangeThatMayNotBeWhenARoundBeginsThenItIsNamedAndTheRunGoesOnWithWhatItHas() throws Exception {
        RunContext run = cluster.run(CHILDREN);
        String first = CaseFile.read(file).sha256();
        String begun = Files.readString(file);
        try (SchedulerService scheduler = scheduler(run);
                RolloutLog log = new RolloutLog(run)) {
            scheduler.start();
            awaitRound(log, 0);
            Files.writeString(file, begun.replaceFirst("\"question\":\"[^\"]*\"", "\"question\":\"Which?\""));
            add(more("more", 4) + "\n");
            end(log, 0);
            awaitRound(log, 1);
            awaitTold(
                    log,
                    EventKind.REFUSED,
                    "round 2 draws on 20 cases; nothing is taken in: train.jsonl:1: has changed or is gone",
                    Map.of("edition_cases", "20", "edition_round", "1"));

            // Put right, with a line that cannot be used.
            Files.writeString(file, begun);
            add(more("train", 1) + "\n");
            end(log, 1);
            awaitRound(log, 2);
            awaitTold(
                    log,
                    EventKind.REFUSED,
                    "nothing is taken in: train.jsonl:21: id: 'sim-train-pediatrics-00000' is also used in line 2",
                    Map.of());
            assertThat(hashes(log.prompts(CHILDREN))).containsExactly(first);
            assertThat(manifests(log)).hasSize(1);
        }
    }

    @Test
    void givenACommandRevisesTheRunMeanwhileThenNeitherRevisionIsLost() throws Exception {
        RunContext run = cluster.run(CHILDREN);
        try (SchedulerService scheduler = scheduler(run);
                RolloutLog log = new RolloutLog(run)) {
            scheduler.start();
            awaitRound(log, 0);
            RunManifest first = manifests(log).get(0);
            log.write(Topics.RUN_MANIFESTS, run.runId(), RunControl.PAUSE.after(first, "command", 1));
            awaitTold(log, EventKind.PROGRESS, "the run is paused", Map.of());
            add(more("more", 2) + "\n");
            end(log, 0);
            begin(log, 1);
            RunManifest paused = manifests(log).get(1);
            log.write(Topics.RUN_MANIFESTS, run.runId(), RunControl.GO.after(paused, "command", 2));
            awaitPrompts(log, CHILDREN, 4L * BATCH);

            assertThat(manifests(log))
                    .extracting(
                            RunManifest::getRevision,
                            RunManifest::getFromRound,
                            RunControl::of,
                            manifest -> manifest.getSettings().get(CaseEdition.CASES))
                    .containsExactly(
                            tuple(1, 0, RunControl.GO, "20"),
                            tuple(2, 0, RunControl.PAUSE, "20"),
                            tuple(3, 0, RunControl.GO, "20"),
                            tuple(4, 1, RunControl.GO, "22"));
        }
    }

    @Test
    void givenAFileThatLacksWhatTheRunHasWhenRestartedThenItIsRefusedByName() throws Exception {
        RunContext run = cluster.run(CHILDREN);
        String begun = Files.readString(file);
        try (RolloutLog log = new RolloutLog(run)) {
            try (SchedulerService scheduler = scheduler(run)) {
                scheduler.start();
                awaitRound(log, 0);
                add(more("more", 2) + "\n");
                end(log, 0);
                awaitRound(log, 1);
            }
            Files.writeString(file, begun);
            try (SchedulerService behind = scheduler(run)) {
                behind.start();
                await().atMost(SOON).until(behind::finished);
                assertThat(behind.threads().get(0).failure())
                        .hasValueSatisfying(failure -> assertThat(failure)
                                .isInstanceOf(UsageException.class)
                                .hasMessageStartingWith(
                                        "data_root/train.jsonl.cases: 20 here, 22 cases since round 2 in"
                                                + " the manifest of run "));
            }
        }
    }
}
