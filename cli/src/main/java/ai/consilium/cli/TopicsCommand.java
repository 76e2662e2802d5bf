package ai.consilium.cli;

import ai.consilium.platform.DirectoryLock;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.TopicFigures;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium topics describe}. */
@Command(
        name = "topics",
        description = "Looks at the log of a run.",
        mixinStandardHelpOptions = true,
        subcommands = TopicsCommand.Describe.class)
final class TopicsCommand {
    /** Counts records and outcomes. */
    @Command(
            name = "describe",
            description = {
                "Records per topic and groups per outcome; says whether the books balance.",
                "With --run-dir: the run of 'train' in that directory, while it runs or after. Else a cluster's run_id."
            },
            mixinStandardHelpOptions = true)
    static final class Describe implements Callable<Integer> {
        private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

        /** How to print. */
        enum Format {
            TABLE,
            JSON
        }

        @Spec
        private CommandSpec spec;

        @Mixin
        private ConfigOptions options;

        @Option(names = "--run-dir", paramLabel = "DIR", description = "Run directory of 'train'.")
        private @Nullable Path directory;

        @Option(
                names = {"-o", "--output"},
                defaultValue = "table",
                description = "table or json (default: ${DEFAULT-VALUE}).")
        private Format format = Format.TABLE;

        @Override
        public Integer call() throws IOException {
            print(
                    directory == null
                            ? ofCluster()
                            : ofDirectory(directory.toAbsolutePath().normalize()));
            return 0;
        }

        private TopicFigures ofCluster() {
            ConsiliumConfig config = options.load().config();
            if (config.runId().isBlank()) {
                throw new UsageException("run_id is not set: name the run, or its --run-dir");
            }
            return TopicFigures.describe(
                    Cluster.configured(config).clients(config, config.runId()), config.specialties());
        }

        /** A run under way has left its address; the log of one that ended is opened for the look. */
        @SuppressWarnings("try") // held, not used: nobody may start the run meanwhile
        private TopicFigures ofDirectory(Path run) {
            Path kept = run.resolve(TrainCommand.CONFIG_FILE);
            if (!Files.isRegularFile(kept)) {
                throw new UsageException(
                        "--run-dir: " + run + " holds no run: " + TrainCommand.CONFIG_FILE + " is missing");
            }
            ConsiliumConfig config =
                    options.load(List.of(kept), List.of(), false).config();
            String runId = RunId.of(config, run);
            if (!config.embedded()) {
                return TopicFigures.describe(Cluster.configured(config).clients(config, runId), config.specialties());
            }
            Optional<DirectoryLock> free = DirectoryLock.tryClaim(run, "run.lock");
            if (free.isEmpty()) {
                Cluster.Address address = Cluster.addressIn(run)
                        .orElseThrow(() -> new UsageException("--run-dir: the run in " + run + " is only starting"));
                Cluster running = new Cluster(address.bootstrapServers(), address.registryUrl(), null, null);
                return TopicFigures.describe(running.clients(config, runId), config.specialties());
            }
            try (DirectoryLock held = free.get();
                    Cluster reopened = Cluster.embedded(config, run.resolve("kafka"), run)) {
                return TopicFigures.describe(reopened.clients(config, runId), config.specialties());
            }
        }

        private void print(TopicFigures figures) throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            if (format == Format.JSON) {
                out.println(JSON.writeValueAsString(figures));
            } else {
                figures.records().forEach((topic, count) -> out.printf("%-18s %8d records%n", topic, count));
                out.printf("%n%-18s %8d%n", "prompts", figures.prompts());
                figures.outcomes().forEach((outcome, count) -> out.printf("%-18s %8d%n", outcome, count));
                out.println(figures.balanced() ? "the books balance" : "open: not every prompt has an outcome yet");
            }
            out.flush();
        }
    }
}
