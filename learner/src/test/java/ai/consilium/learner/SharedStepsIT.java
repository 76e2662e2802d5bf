package ai.consilium.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.checkpoint.ObjectCheckpoints;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.platform.objects.S3Bucket;
import ai.consilium.platform.objects.S3Location;
import ai.consilium.platform.objects.S3Settings;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.GradientShare;
import ai.consilium.schemas.PartShare;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.S3Server;
import ai.consilium.testing.WithKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Steps of one specialty whose parts are computed by several processes: whoever computes what, comes or falls silent, the weights
 * are bit for bit those of a learner that was alone.
 */
class SharedStepsIT {
    private static final int STEPS = 4;
    private static final int BATCH = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final LearnerTask TASK = LearnerProcess.task(Groups.SPECIALTY, BATCH, STEPS);

    @WithKafka
    private static EmbeddedCluster cluster;

    private static S3Server store;
    private static Path shared;
    private static List<TrainingGroup> groups;
    private static List<String> alone;

    @TempDir
    private Path directory;

    private final List<SharedLearnerProcess> processes = new ArrayList<>();

    @BeforeAll
    static void trainAlone(@TempDir Path rigs) throws Exception {
        store = S3Server.start();
        shared = rigs;
        RunContext run = run();
        try (LearnerRig rig = new LearnerRig(shared);
                LearnerService learner = new LearnerService(
                        run,
                        List.of(Groups.SPECIALTY),
                        LearnerConfigs.helping(),
                        TASK,
                        rig.inputs(shared.resolve("alone")),
                        FaultPoint.Plan.NONE)) {
            learner.start();
            PolicyUpdate start = LearnerLog.awaitVersion(run, 0);
            groups = new ArrayList<>();
            for (int i = 0; i < STEPS * BATCH; i++) {
                groups.add(rig.sample(run, "group-" + i, start));
            }
            LearnerLog.publish(run, groups);
            LearnerRig.awaitEnd(learner);
            alone = hashes(run);
            assertThat(alone).hasSize(STEPS + 1).doesNotHaveDuplicates();
        }
    }

    @AfterAll
    static void stop() {
        store.close();
    }

    @AfterEach
    void stopWhatRuns() {
        processes.forEach(SharedLearnerProcess::close);
    }

    private static RunContext run() {
        return cluster.run(Groups.SPECIALTY);
    }

    private static List<String> hashes(RunContext run) {
        return LearnerLog.updates(run).stream()
                .filter(update -> update.getSpecialty().equals(Groups.SPECIALTY))
                .map(PolicyUpdate::getAdapterHash)
                .toList();
    }

    private SharedLearnerProcess start(String name, RunContext run, String fault) throws Exception {
        SharedLearnerProcess process =
                SharedLearnerProcess.start(name, run, TASK, shared, directory, store, fault, true);
        processes.add(process);
        return process;
    }

    private static List<GradientShare> shares(RunContext run) {
        return LearnerLog.all(run, Topics.GRADIENTS, GradientShare.class);
    }

    /** Whoever is a member of the learners' group stands by, or trains. */
    private void awaitMembers(RunContext run, int count) {
        List<String> group = List.of(run.kafka().group("learner"));
        await().atMost(PATIENCE).untilAsserted(() -> {
            try (Admin admin = run.kafka().admin()) {
                assertThat(admin.describeConsumerGroups(group).all().get().values())
                        .as(processes.stream().map(SharedLearnerProcess::said).collect(Collectors.joining("\n")))
                        .allSatisfy(described -> assertThat(described.members()).hasSize(count));
            }
        });
    }

    /** Who sent whole gradients of parts. */
    private static Set<String> senders(RunContext run) {
        return shares(run).stream()
                .filter(share -> share.getPart() != null && ended(share.getPart()))
                .map(GradientShare::getWriter)
                .collect(Collectors.toSet());
    }

    private static boolean ended(PartShare part) {
        return part.getPiece() > 0 && part.getPiece() == part.getPieces();
    }

    private static void assertAsAlone(RunContext run) {
        assertThat(hashes(run)).isEqualTo(alone);
        LearnerLog.assertTrainedOnce(run, groups);
    }

    @Test
    void givenLearnersThatStandByOfWhichOneFallsSilentInAPartThenTheOthersGoOnAndTheBitsAreThoseOfOneAlone()
            throws Exception {
        // given a learner that begins its first part when two others have begun one each, of which one never ends it
        RunContext run = run();
        try (S3Bucket bucket = new S3Bucket(new S3Settings(store.settings().endpoint(), "", true), S3Server.BUCKET);
                LearnerRig rig = new LearnerRig(shared);
                LearnerService slow = new LearnerService(
                        run,
                        List.of(Groups.SPECIALTY),
                        LearnerConfigs.helping(),
                        TASK,
                        rig.inputs(
                                ObjectCheckpoints.under(
                                        bucket,
                                        new S3Location(
                                                S3Server.BUCKET,
                                                run.kafka().settings().prefix()),
                                        directory.resolve("slow")),
                                Map.of()),
                        notBeforeTheyHelp(run))) {
            slow.start();
            LearnerLog.awaitVersion(run, 0);
            SharedLearnerProcess silent = start("silent", run, "PART@1");
            SharedLearnerProcess helper = start("helper", run, "");
            awaitMembers(run, 3);

            // when
            LearnerLog.publish(run, groups);

            // then
            await().atMost(PATIENCE).until(slow::finished);
            assertThat(helper.await()).as(helper.said()).isZero();
            assertAsAlone(run);
            assertThat(silent.stands()).as(silent.said()).isTrue();
            assertThat(senders(run)).as(helper.said()).containsExactly("learner/helper");
            assertThat(elsewhere(run))
                    .as("parts that the helper computed, by the learner's figures")
                    .isPositive()
                    .isLessThan(STEPS * BATCH);
        }
    }

    private static FaultPoint.Plan notBeforeTheyHelp(RunContext run) {
        return (point, version) -> {
            if (point == FaultPoint.PART && version == 1) {
                await().atMost(PATIENCE)
                        .until(() -> writers(run).containsAll(List.of("learner/silent", "learner/helper")));
            }
        };
    }

    private static Set<String> writers(RunContext run) {
        return shares(run).stream().map(GradientShare::getWriter).collect(Collectors.toSet());
    }

    private static int elsewhere(RunContext run) {
        return LearnerLog.updates(run).stream()
                .mapToInt(update -> update.getFigures()
                        .getOrDefault("step_parts_elsewhere", 0.0)
                        .intValue())
                .sum();
    }

    @Test
    void givenLearnersThatHelpEachOtherWhenTheOneThatTrainsIsKilledThenAHelperTakesOverAndTheOtherHelpsOn()
            throws Exception {
        // given
        RunContext run = run();
        SharedLearnerProcess victim = start("a", run, "PART@2");
        LearnerLog.awaitVersion(run, 0);
        List<SharedLearnerProcess> others = List.of(start("b", run, ""), start("c", run, ""));
        awaitMembers(run, 3);
        LearnerLog.publish(run, groups);
        await().atMost(PATIENCE).until(victim::stands);

        // when
        victim.loseForGood();

        // then
        for (SharedLearnerProcess other : others) {
            assertThat(other.await()).as(other.said()).isZero();
        }
        assertAsAlone(run);
        assertThat(IntStream.of(STEPS).mapToObj(version -> LearnerLog.awaitVersion(run, version)))
                .allSatisfy(last -> assertThat(last.getWriter()).isIn("learner/b", "learner/c"));
    }
}
