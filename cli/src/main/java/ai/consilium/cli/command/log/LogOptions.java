package ai.consilium.cli.command.log;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.directory.ConfigBase;
import ai.consilium.cli.directory.RunFiles;
import ai.consilium.cli.directory.RunId;
import ai.consilium.cli.run.Cluster;
import ai.consilium.platform.DirectoryLock;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options by which a command finds the log of a run that is under way or has ended. */
public final class LogOptions {
    @Mixin
    private ConfigOptions options;

    @Option(names = "--run-dir", paramLabel = "DIR", description = "Run directory of 'train'.")
    private @Nullable Path directory;

    /** What is read of a log. */
    public interface Look<T> {
        /** Looks. */
        T at(KafkaClients log);
    }

    /**
     * Looks at the log: of the run in --run-dir, or of the configured cluster's run.
     *
     * @throws UsageException when no run is named, or there is none
     */
    public <T> T look(Look<T> look) throws IOException {
        Optional<Path> run = directory();
        return run.isPresent() ? ofDirectory(run.get(), look) : ofCluster(look);
    }

    private <T> T ofCluster(Look<T> look) {
        ConsiliumConfig config = options.load().config();
        if (config.runId().isBlank()) {
            throw new UsageException("run_id is not set: set it, or give --run-dir");
        }
        return look.at(Cluster.configured(config).clients(config, config.runId()));
    }

    /** The directory that --run-dir names; empty where it is not given. */
    public Optional<Path> directory() {
        return Optional.ofNullable(directory)
                .map(given -> given.toAbsolutePath().normalize());
    }

    /** Whether --run-dir names a run that is under way in this moment, in another process. */
    boolean underWay() {
        return directory().isPresent()
                && DirectoryLock.tryClaim(directory().get(), "run.lock")
                        .map(free -> {
                            free.close();
                            return false;
                        })
                        .orElse(true);
    }

    /** What the user gives beside the run's own configuration. */
    public ConfigOptions given() {
        return options;
    }

    /**
     * The configuration of the run in a directory, under the user's; without one that of the configured cluster's run.
     *
     * @throws UsageException when the directory contains no run
     */
    public ConsiliumConfig configuration() {
        return directory()
                .map(this::configuration)
                .orElseGet(() -> options.load().config());
    }

    private ConsiliumConfig configuration(Path run) {
        Path kept = run.resolve(RunFiles.CONFIG);
        if (!Files.isRegularFile(kept)) {
            throw new UsageException("--run-dir: " + run + " contains no run: " + RunFiles.CONFIG + " is missing");
        }
        return options.ofRun(kept, ConfigBase.of(run).orElseGet(options::base), List.of())
                .config();
    }

    /** A run under way has left its address; the log of one that ended is opened for the look. */
    @SuppressWarnings("try") // held, not used: nobody may start the run meanwhile
    private <T> T ofDirectory(Path run, Look<T> look) throws IOException {
        ConsiliumConfig config = configuration(run);
        String runId = RunId.of(config, run);
        if (!config.embedded()) {
            return look.at(Cluster.configured(config).clients(config, runId));
        }
        Optional<DirectoryLock> free = DirectoryLock.tryClaim(run, "run.lock");
        if (free.isEmpty()) {
            Cluster.Address address = Cluster.addressIn(run)
                    .orElseThrow(() -> new UsageException("--run-dir: the run in " + run + " is still starting"));
            Cluster running = new Cluster(address.bootstrapServers(), address.registryUrl(), null, null);
            return look.at(running.clients(config, runId));
        }
        try (DirectoryLock held = free.get();
                Cluster reopened = Cluster.embedded(config, run.resolve("kafka"), run)) {
            return look.at(reopened.clients(config, runId));
        }
    }
}
