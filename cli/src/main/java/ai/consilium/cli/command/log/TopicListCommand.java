package ai.consilium.cli.command.log;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.ConsiliumConfig.KafkaSection;
import ai.consilium.cli.provision.TopicFormats;
import ai.consilium.cli.report.ReportJson;
import ai.consilium.platform.UsageException;
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
import picocli.CommandLine.Option;
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
    /** In which form. */
    enum Format {
        TABLE,
        JSON,
        SH,
        STRIMZI
    }

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions options;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "table",
            description =
                    "table, json, sh (commands of kafka-topics.sh) or strimzi (a KafkaTopic each) (default: ${DEFAULT-VALUE}).")
    private Format format = Format.TABLE;

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            defaultValue = "kafka",
            description = "Strimzi's name of the cluster, for strimzi (default: ${DEFAULT-VALUE}).")
    private String cluster = "kafka";

    @Override
    public Integer call() throws IOException {
        ConsiliumConfig config = options.load().config();
        if (config.runId().isBlank()) {
            throw new UsageException("run_id is not set: the names of a run's topics begin with it");
        }
        List<TopicSpec> topics = topics(config);
        PrintWriter out = spec.commandLine().getOut();
        switch (format) {
            case TABLE -> out.print(TopicFormats.table(topics));
            case JSON -> out.println(ReportJson.write(topics));
            case SH ->
                out.print(TopicFormats.shell(
                        topics, config.kafka().properties().getOrDefault(KafkaSection.BOOTSTRAP, "HOST:9092")));
            case STRIMZI -> out.print(TopicFormats.strimzi(topics, cluster));
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
