package ai.consilium.cli.run;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.directory.ConfigBase;
import ai.consilium.cli.directory.RunFiles;
import ai.consilium.cli.directory.RunId;
import ai.consilium.platform.DirectoryLock;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The run of {@code train} in a directory, for those who look at its log.
 *
 * @param directory absolute
 * @param options what the user gives beside the run's own configuration
 */
public record LoggedRun(Path directory, ConfigOptions options) {
    private static final String LOCK = "run.lock";

    /** What is read of a log. */
    @FunctionalInterface
    public interface Look<T> {
        /** Looks. */
        T at(KafkaClients log);
    }

    /** Makes the directory absolute. */
    public LoggedRun {
        directory = directory.toAbsolutePath().normalize();
    }

    /** Whether it is under way in this moment, in another process. */
    public boolean underWay() {
        Optional<DirectoryLock> free = DirectoryLock.tryClaim(directory, LOCK);
        free.ifPresent(DirectoryLock::close);
        return free.isEmpty();
    }

    /** @throws UsageException naming the option when the directory contains no run */
    public void requireThere(String option) {
        if (!Files.isRegularFile(directory.resolve(RunFiles.CONFIG))) {
            throw new UsageException(
                    option + ": " + directory + " contains no run: " + RunFiles.CONFIG + " is missing");
        }
    }

    /** The run's configuration under the user's. @throws UsageException when the directory contains no run */
    public ConsiliumConfig configuration() {
        return loaded().config();
    }

    /** The same with its text. */
    public ConfigOptions.Loaded loaded() {
        return under(options, List.of());
    }

    /**
     * The run's configuration under another's settings.
     *
     * @param other what the user gives for it
     * @param last settings that win over all
     * @throws UsageException when the directory contains no run
     */
    public ConfigOptions.Loaded under(ConfigOptions other, List<String> last) {
        requireThere("--run-dir");
        return other.ofRun(
                directory.resolve(RunFiles.CONFIG), ConfigBase.of(directory).orElseGet(other::base), last);
    }

    /** Looks at its log. A run under way has left its address; the log of one that ended is opened for the look. */
    @SuppressWarnings("try") // held, not used: nobody may start the run meanwhile
    public <T> T look(Look<T> look) throws IOException {
        ConsiliumConfig config = configuration();
        String runId = RunId.of(config, directory);
        if (!config.embedded()) {
            return look.at(Cluster.configured(config).clients(config, runId));
        }
        Optional<DirectoryLock> free = DirectoryLock.tryClaim(directory, LOCK);
        if (free.isEmpty()) {
            Cluster.Address address = Cluster.addressIn(directory)
                    .orElseThrow(() -> new UsageException("--run-dir: the run in " + directory + " is still starting"));
            Cluster running = new Cluster(address.bootstrapServers(), address.registryUrl(), null, null);
            return look.at(running.clients(config, runId));
        }
        try (DirectoryLock held = free.get();
                Cluster reopened = Cluster.embedded(config, directory.resolve("kafka"), directory)) {
            return look.at(reopened.clients(config, runId));
        }
    }
}
