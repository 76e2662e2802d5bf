package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.AdapterChunk;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Somebody cuts all adapters off the log of a run that is not over: nobody can sample any more, and nothing can be merged. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class LostAdaptersIT {
    private static final int STEPS = 4;
    private static final int BATCH = 2;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void givenARunWhoseAdaptersWereCutOffTheLogWhenItsLearnersStartThenTheyPublishThemAgainAndItEndsAsIfNothingHadBeen()
            throws Exception {
        // given
        Path run = directory.resolve("cut");
        try (RunProcess first = SmallRun.train(directory, run, "--set", "steps=" + STEPS)) {
            await().atMost(RunProcess.PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        assertThat(first.alive()).as(first.errors()).isTrue();
                        return first.newestVersion() >= 2;
                    });
            first.terminate();
            assertThat(first.exit()).isNotZero();
        }
        try (RunOnDisk log = new RunOnDisk(run);
                Admin admin = log.kafka().admin()) {
            cutOff(log.kafka(), admin);
            assertThat(log.read(Topics.ADAPTERS, AdapterChunk.class)).isEmpty();
        }

        // when
        try (RunProcess second =
                RunProcess.start(directory, "second", Map.of(), "train", "--resume", "--run-dir", run.toString())) {
            second.succeed();
        }

        // then
        SmallRun.assertBalanced(SmallRun.describe(run), SmallRun.trained(STEPS, BATCH));
        List<PolicyUpdate> updates = SmallRun.updates(run);
        SmallRun.assertTrainedOnce(updates, STEPS);
        try (RunOnDisk log = new RunOnDisk(run)) {
            assertThat(log.read(Topics.ADAPTERS, AdapterChunk.class))
                    .as("what everybody starts from, and what each expert began with")
                    .filteredOn(chunk -> chunk.getVersion() == 0)
                    .extracting(AdapterChunk::getSpecialty)
                    .contains(Topics.UNIFIED, "pediatrics", "oncology_surgery");
        }
        assertThat(run.resolve("results.json")).exists();
    }

    /** Compacted topics are not cut: their settings are changed for it, as by mistake. */
    private static void cutOff(KafkaClients kafka, Admin admin) throws Exception {
        String topic = kafka.topic(Topics.ADAPTERS);
        cleanUp(admin, topic, TopicConfig.CLEANUP_POLICY_DELETE);
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        admin.describeTopics(List.of(topic)).allTopicNames().get().values().stream()
                .flatMap(described -> described.partitions().stream())
                .forEach(partition -> ends.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest()));
        Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
        admin.listOffsets(ends)
                .all()
                .get()
                .forEach((partition, end) -> all.put(partition, RecordsToDelete.beforeOffset(end.offset())));
        // The controller has the new setting before the broker's log does, which refuses until then.
        await().ignoreExceptionsMatching(e -> e.getCause() instanceof PolicyViolationException)
                .until(() -> {
                    admin.deleteRecords(all).all().get();
                    return true;
                });
        cleanUp(admin, topic, TopicConfig.CLEANUP_POLICY_COMPACT);
    }

    private static void cleanUp(Admin admin, String topic, String policy) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Collection<AlterConfigOp> change = List.of(new AlterConfigOp(
                new ConfigEntry(TopicConfig.CLEANUP_POLICY_CONFIG, policy), AlterConfigOp.OpType.SET));
        admin.incrementalAlterConfigs(Map.of(resource, change)).all().get();
    }
}
