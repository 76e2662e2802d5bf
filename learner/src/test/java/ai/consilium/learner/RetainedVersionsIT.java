package ai.consilium.learner;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.examination.ExaminedGroup;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.TrainingPlan;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.FastSha256;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a learner keeps beyond keep_last where its versions are examined. */
class RetainedVersionsIT {
    private static final int STEPS = 6;
    private static final int CASES = 2;
    private static final LearnerTask TASK = new LearnerTask(
            new TrainingPlan(7, STEPS, 1, STEPS),
            ConsolidationPlan.NONE,
            new ValidationPlan(1, CASES, List.of()),
            1,
            false,
            12);

    @WithKafka
    private static EmbeddedCluster cluster;

    @TempDir
    private Path directory;

    private LearnerRig rig;
    private RunContext run;

    @BeforeEach
    void start() throws IOException {
        rig = new LearnerRig(directory.resolve("rig"));
        run = LearnerRig.run(cluster);
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private LearnerService learner(boolean keepBest) {
        LearnerConfig tiny = LearnerConfigs.tiny();
        LearnerConfig config = new LearnerConfig(
                tiny.lora(),
                tiny.dsa(),
                tiny.rl(),
                tiny.loss(),
                tiny.optimiser(),
                tiny.activations(),
                new LearnerConfig.Ckpt(2, keepBest, ""),
                LearnerConfig.Share.ALL);
        return new LearnerService(
                run,
                List.of(Groups.SPECIALTY),
                config,
                TASK,
                rig.inputs(directory.resolve("checkpoints")),
                FaultPoint.Plan.NONE);
    }

    /** Steps to a version, each on a group that the one before sampled. */
    private void train(long from, long to) throws InterruptedException {
        for (long version = from; version < to; version++) {
            PolicyUpdate newest = LearnerLog.awaitVersion(run, version);
            LearnerLog.publish(run, List.of(rig.sample(run, "group-" + version, newest)));
            LearnerLog.awaitVersion(run, version + 1);
        }
    }

    private void examined(long version, double... right) {
        OutcomeFactory outcomes = new OutcomeFactory("test");
        try (Producer<String, SpecificRecord> producer = run.kafka().producer("test")) {
            for (int place = 0; place < right.length; place++) {
                String id = new ExaminedGroup(Groups.SPECIALTY, version, place).id();
                GroupOutcome outcome = outcomes.examined(id, Groups.SPECIALTY, version, right[place], 1);
                var unused = producer.send(new ProducerRecord<>(run.kafka().topic(Topics.GROUP_OUTCOMES), id, outcome));
            }
        }
    }

    @Test
    void givenTheBestIsKeptWhenTheLearnerIsRestartedInBetweenThenItAndWhatIsStillToBeExaminedOutliveTheRest()
            throws Exception {
        try (LearnerService learner = learner(true)) {
            learner.start();
            train(0, 3);
        }
        examined(1, 1, 1);
        examined(2, 1, 0);
        // Of version 3 one answer is missing.
        examined(3, 1);
        examined(4, 0, 0);
        try (LearnerService learner = learner(true)) {
            learner.start();
            train(3, STEPS);
            LearnerRig.awaitEnd(learner);
            assertThat(learner.threads().get(0).failure()).isEmpty();
        }

        assertThat(onLog()).containsExactly(0L, 1L, 3L, 5L, 6L);
        assertThat(checkpoints()).containsExactlyInAnyOrder("0", "1", "3", "5", "6");
    }

    @Test
    void givenTheBestIsNotKeptWhenAVersionIsExaminedThenItsAdapterGoesAndCheckpointsAreTheNewestOnes()
            throws Exception {
        examined(1, 1, 1);
        examined(2, 1, 0);
        try (LearnerService learner = learner(false)) {
            learner.start();
            train(0, STEPS);
            LearnerRig.awaitEnd(learner);
        }

        assertThat(onLog()).containsExactly(0L, 3L, 4L, 5L, 6L);
        assertThat(checkpoints()).containsExactlyInAnyOrder("0", "5", "6");
    }

    private List<Long> onLog() {
        try (AdapterLog<Adapter> log = new AdapterLog<>(
                run.kafka(),
                run.policies(),
                Adapter::fromSafetensors,
                Adapter::hash,
                Adapter::beside,
                FastSha256::digest)) {
            return LearnerLog.updates(run).stream()
                    .filter(update -> log.find(update).isPresent())
                    .map(PolicyUpdate::getVersion)
                    .toList();
        }
    }

    private List<String> checkpoints() throws IOException {
        try (Stream<Path> entries = Files.list(directory.resolve("checkpoints").resolve(Groups.SPECIALTY))) {
            return entries.filter(Files::isDirectory)
                    .map(entry -> entry.getFileName().toString())
                    .toList();
        }
    }
}
