package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.schemas.Topics;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code consilium topics list}; that the chart's KafkaTopics are what it prints shows {@link ChartFilesTest}. */
class TopicListTest {
    @Test
    void givenARunThenItsTopicsArePrintedAsItMakesThem() throws IOException {
        JsonNode topics = new ObjectMapper()
                .readTree(printed("--set", "specialties=[a, b]", "--set", "kafka.partitions=6", "-o", "json"));
        assertThat(topics).hasSize(Topics.values().length);
        assertThat(topics.get(0).path("name").asText()).isEqualTo("first-prompts");
        assertThat(topics.get(0).path("partitions").asInt()).isEqualTo(6);
        assertThat(topics.get(0).path("replicas").asInt()).isEqualTo(3);
        assertThat(topics.get(0)
                        .path("configuration")
                        .path("min.insync.replicas")
                        .asText())
                .isEqualTo("2");
        assertThat(topics.findValuesAsText("partitions")).as("a, b and unified").contains("3");
    }

    @Test
    void givenAReplicationFactorThenItIsTaken() {
        assertThat(printed("--set", "kafka.replication_factor=1", "-o", "sh"))
                .contains(
                        "kafka-topics.sh --bootstrap-server HOST:9092 --create --if-not-exists --topic first-heartbeats"
                                + " --partitions 1 --replication-factor 1 --config cleanup.policy=delete")
                .doesNotContain("min.insync.replicas");
        assertThat(printed()).contains("first-run-manifests", "retention.ms=-1");
    }

    @Test
    void givenCapitalsInTheRunsNameThenKubernetesGetsSmallOnes() {
        CommandLineRun run =
                CommandLineRun.of("topics", "list", "--set", "run_id=First", "-o", "strimzi", "--cluster", "hospital");
        assertThat(run.text())
                .contains("  name: first-prompts\n", "  topicName: First-prompts\n", "strimzi.io/cluster: hospital\n");
    }

    @Test
    void givenNoRunThenItIsRefused() {
        CommandLineRun run = CommandLineRun.of("topics", "list");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.told()).singleElement().asString().startsWith("consilium: run_id is not set");
    }

    private static String printed(String... options) {
        String[] command = Stream.concat(Stream.of("topics", "list", "--set", "run_id=first"), Arrays.stream(options))
                .toArray(String[]::new);
        CommandLineRun run = CommandLineRun.of(command);
        assertThat(run.errors()).isEqualTo(List.of());
        assertThat(run.code()).isZero();
        return run.text();
    }
}
