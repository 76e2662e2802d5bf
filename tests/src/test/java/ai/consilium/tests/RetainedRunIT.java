package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.Topics;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run of which every record is gone that the broker may remove: its page shows the same curves. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class RetainedRunIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path dir;

    private record Shown(JsonNode charts, JsonNode picture) {}

    @Test
    void givenARunWhoseRecordsWereRemovedByRetentionWhenItsPageIsOpenedThenItShowsTheWholeRun() throws Exception {
        Path run = dir.resolve("small");
        SmallRun.train(dir, run).succeed();
        Shown before = shown(run, "before");

        removeWhatRetentionMay(run);
        Shown after = shown(run, "after");

        assertThat(before.charts().path("policies")).hasSize(3);
        for (JsonNode policy : before.charts().path("policies")) {
            assertThat(policy.path("figures")).as(policy.path("name").asText()).isNotEmpty();
        }
        assertThat(before.charts().at("/policies/0/perspectives")).isNotEmpty();
        assertThat(before.charts().path("staleness").toString()).containsPattern("[1-9]");
        for (String part : List.of("policies", "staleness")) {
            assertThat(after.charts().path(part)).isEqualTo(before.charts().path(part));
        }
        for (String part :
                List.of("sentence", "phase", "finished", "simulated", "books", "unified", "agents", "events")) {
            assertThat(after.picture().path(part))
                    .as(part)
                    .isEqualTo(before.picture().path(part));
        }
        assertThat(before.picture().path("tokens").asLong()).isPositive();
        assertThat(after.picture().path("tokens").asLong()).isZero();
    }

    private Shown shown(Path run, String name) throws Exception {
        try (RunProcess monitor = RunProcess.start(dir, name, Map.of(), "monitor", "--run-dir", run.toString())) {
            monitor.awaitAnnounced("live page");
            await().atMost(RunProcess.PATIENCE)
                    .until(() -> monitor.picture()
                            .filter(picture -> !picture.path("reading").asBoolean(true))
                            .isPresent());
            String page = monitor.announced("live page").orElseThrow();
            return new Shown(
                    JSON.readTree(RunProcess.get(page + "/api/charts").body()),
                    monitor.picture().orElseThrow());
        }
    }

    /** As retention would do it after a month. */
    private static void removeWhatRetentionMay(Path run) throws Exception {
        try (RunOnDisk log = new RunOnDisk(run);
                Admin admin = log.kafka().admin()) {
            Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
            for (Topics topic : Topics.values()) {
                if (topic.cleanup() == Topics.Cleanup.DELETE || topic.cleanup() == Topics.Cleanup.BRIEF) {
                    ends(log.kafka(), admin, topic)
                            .forEach((partition, end) -> all.put(partition, RecordsToDelete.beforeOffset(end)));
                }
            }
            assertThat(all).isNotEmpty();
            admin.deleteRecords(all).all().get();
        }
    }

    private static Map<TopicPartition, Long> ends(KafkaClients kafka, Admin admin, Topics topic) throws Exception {
        String name = kafka.topic(topic);
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        Objects.requireNonNull(admin.describeTopics(List.of(name))
                        .allTopicNames()
                        .get()
                        .get(name))
                .partitions()
                .forEach(partition -> asked.put(new TopicPartition(name, partition.partition()), OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        admin.listOffsets(asked).all().get().forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }
}
