package ai.consilium.cli.command.log;

import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.ConsiliumConfig.KafkaSection;
import ai.consilium.cli.provision.TopicFormats;
import ai.consilium.cli.report.ReportJson;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.kafka.Replication;
import ai.consilium.platform.kafka.TopicSpec;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code consilium topics list}. */
@Command(
        name = "list",
        description = {
            "The topics of a run as it makes them: partitions, replicas, configuration. Prints them; asks no cluster.",
            "For clusters whose topics are made beforehand. Where kafka.replication_factor is 0: as for three brokers or more."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  consilium topics list --set run_id=RUN -o sh > topics.sh",
            "  consilium topics list --set run_id=RUN -o strimzi --cluster hospital | kubectl apply -f -"
        })
final class TopicListCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ProvisionOptions options;

    @Override
    public Integer call() throws IOException {
        ConsiliumConfig config = options.config();
        List<TopicSpec> topics = topics(config);
        PrintWriter out = spec.commandLine().getOut();
        switch (options.format()) {
            case TABLE -> out.print(TopicFormats.table(topics));
            case JSON -> out.println(ReportJson.write(topics));
            case SH ->
                out.print(TopicFormats.shell(
                        topics, config.kafka().properties().getOrDefault(KafkaSection.BOOTSTRAP, "HOST:9092")));
            case STRIMZI -> out.print(TopicFormats.strimzi(topics, options.cluster()));
        }
        out.flush();
        return 0;
    }

    private static List<TopicSpec> topics(ConsiliumConfig config) {
        KafkaSection kafka = config.kafka();
        KafkaSettings settings = new KafkaSettings(
                kafka.bootstrapServers(),
                config.schemaRegistry().url(),
                config.runId(),
                kafka.partitions(),
                kafka.replicationFactor(),
                Map.of());
        PolicyTable policies = PolicyTable.of(config.specialties());
        Replication replication = Replication.ofLargeCluster(settings);
        return Arrays.stream(Topics.values())
                .map(topic -> TopicSpec.of(topic, settings, policies, replication))
                .toList();
    }
}
