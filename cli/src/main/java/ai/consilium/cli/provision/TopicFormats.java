package ai.consilium.cli.provision;

import ai.consilium.cli.directory.ShellWord;
import ai.consilium.platform.kafka.TopicSpec;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Topics as text that a cluster is configured by. Pure. */
public final class TopicFormats {
    private TopicFormats() {}

    /** A line for each topic. */
    public static String table(List<TopicSpec> topics) {
        StringBuilder text =
                new StringBuilder("%-32s %10s %8s  %s%n".formatted("topic", "partitions", "replicas", "configuration"));
        topics.forEach(topic -> text.append(
                "%-32s %10d %8d  %s%n".formatted(topic.name(), topic.partitions(), topic.replicas(), pairs(topic))));
        return text.toString();
    }

    /** Commands of Kafka's own tool; one that meets a topic which exists leaves it alone. */
    public static String shell(List<TopicSpec> topics, String bootstrap) {
        StringBuilder text = new StringBuilder("#!/bin/sh\nset -eu\n");
        for (TopicSpec topic : topics) {
            text.append("kafka-topics.sh --bootstrap-server ")
                    .append(ShellWord.of(bootstrap))
                    .append(" --create --if-not-exists --topic ")
                    .append(ShellWord.of(topic.name()))
                    .append(" --partitions ")
                    .append(topic.partitions())
                    .append(" --replication-factor ")
                    .append(topic.replicas());
            topic.configuration()
                    .forEach((key, value) ->
                            text.append(" --config ").append(key).append('=').append(value));
            text.append('\n');
        }
        return text.toString();
    }

    /** A KafkaTopic of Strimzi for each. @param cluster that they are topics of */
    public static String strimzi(List<TopicSpec> topics, String cluster) {
        StringBuilder text = new StringBuilder();
        for (TopicSpec topic : topics) {
            text.append("""
                    ---
                    apiVersion: kafka.strimzi.io/v1
                    kind: KafkaTopic
                    metadata:
                      name: %s
                      labels:
                        strimzi.io/cluster: %s
                    spec:
                      topicName: %s
                      partitions: %d
                      replicas: %d
                      config:
                    """.formatted(
                            topic.name().toLowerCase(Locale.ROOT),
                            cluster,
                            topic.name(),
                            topic.partitions(),
                            topic.replicas()));
            topic.configuration().forEach((key, value) -> text.append("    %s: \"%s\"%n".formatted(key, value)));
        }
        return text.toString();
    }

    private static String pairs(TopicSpec topic) {
        return topic.configuration().entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(" "));
    }
}
