package ai.consilium.cli.command.log;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.LocalFiles;
import ai.consilium.cli.directory.ConfigBase;
import ai.consilium.cli.run.Cluster;
import ai.consilium.cli.run.DataSet;
import ai.consilium.cli.run.LoggedRun;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.config.Secrets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.CommonClientConfigs;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options by which a command finds the log of a run that is under way or has ended. */
public final class LogOptions {
    @Mixin
    private ConfigOptions options;

    @Option(names = "--run-dir", paramLabel = "DIR", description = "Run directory of 'train'.")
    private @Nullable Path directory;

    /** Means a run as --run-dir does. */
    void mean(Path run) {
        directory = run;
    }

    /**
     * Looks at the log: of the run in --run-dir, or of the configured cluster's run.
     *
     * @throws UsageException when no run is named, or there is none
     */
    public <T> T look(LoggedRun.Look<T> look) throws IOException {
        Optional<LoggedRun> run = run();
        return run.isPresent() ? run.get().look(look) : ofCluster(look);
    }

    private <T> T ofCluster(LoggedRun.Look<T> look) {
        ConsiliumConfig config = options.load().config();
        if (config.runId().isBlank()) {
            throw new UsageException("run_id is not set: set it, or give --run-dir");
        }
        return look.at(Cluster.configured(config).clients(config, config.runId()));
    }

    private Optional<LoggedRun> run() {
        return Optional.ofNullable(directory).map(given -> new LoggedRun(given, options));
    }

    /** The directory that --run-dir names; empty where it is not given. */
    public Optional<Path> directory() {
        return run().map(LoggedRun::directory);
    }

    /** Whether --run-dir names a run that is under way in this moment, in another process. */
    boolean underWay() {
        return run().map(LoggedRun::underWay).orElse(false);
    }

    /** Directory that files named in the run's configuration are relative to. */
    Path base() {
        return directory().flatMap(ConfigBase::of).orElseGet(options::base);
    }

    /** Where the run's cases lie. */
    Path data(ConsiliumConfig config) {
        return directory().map(run -> DataSet.root(config, run)).orElseGet(() -> LocalFiles.cases(config));
    }

    /** What the user gives beside the run's own configuration. */
    public ConfigOptions given() {
        return options;
    }

    /** The same as {@link #configuration}, with its text, for a run with a log of its own on this machine. */
    ConfigOptions.Loaded ofThisMachine() {
        return run().isPresent()
                ? run().get().loaded()
                : options.load(withoutCluster(options.load().config()), false);
    }

    private static List<String> withoutCluster(ConsiliumConfig config) {
        List<String> settings = new ArrayList<>(List.of(
                "kafka.bootstrap.servers=",
                "kafka.replication_factor=0",
                "schema_registry.url=",
                "run_id=",
                "ckpt.store=",
                "learner.help=false"));
        for (String property : config.kafka().properties().keySet()) {
            if (property.equals(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG)) {
                settings.add("kafka." + property + "=PLAINTEXT");
            } else if (Secrets.hides(property)) {
                // A secret is not kept with the new run, and would be asked for.
                settings.add("kafka." + property + "=");
            }
        }
        return settings;
    }

    /**
     * The configuration of the run in a directory, under the user's; without one that of the configured cluster's run.
     *
     * @throws UsageException when the directory contains no run
     */
    public ConsiliumConfig configuration() {
        return run().map(LoggedRun::configuration)
                .orElseGet(() -> options.load().config());
    }
}
