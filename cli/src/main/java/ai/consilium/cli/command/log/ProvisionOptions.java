package ai.consilium.cli.command.log;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.platform.UsageException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is prepared on a cluster for a run, and in which form it is printed. */
final class ProvisionOptions {
    /** In which form. */
    enum Format {
        TABLE,
        JSON,
        SH,
        STRIMZI
    }

    @Mixin
    private ConfigOptions options;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "table",
            description =
                    "table, json, sh (commands of Kafka's own scripts) or strimzi (its resources) (default: ${DEFAULT-VALUE}).")
    private Format format = Format.TABLE;

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            defaultValue = "kafka",
            description = "Strimzi's name of the cluster, for strimzi (default: ${DEFAULT-VALUE}).")
    private String cluster = "kafka";

    /** The run's configuration. @throws UsageException when it does not name the run */
    ConsiliumConfig config() {
        ConsiliumConfig config = options.load().config();
        if (config.runId().isBlank()) {
            throw new UsageException("run_id is not set: the names of a run's topics begin with it");
        }
        return config;
    }

    Format format() {
        return format;
    }

    /** Strimzi's name of it. */
    String cluster() {
        return cluster;
    }
}
