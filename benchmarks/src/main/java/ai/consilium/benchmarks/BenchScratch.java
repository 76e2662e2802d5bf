package ai.consilium.benchmarks;

import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.directory.RunLog;
import ai.consilium.cli.run.Cluster;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunDirectory;
import ai.consilium.schemas.PolicyTable;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A run with a broker of its own, in a directory that is deleted when the benchmark is over. */
final class BenchScratch {
    private static final String BROKER = "kafka";
    private static final String RUN = "bench";

    private BenchScratch() {}

    /** What is measured in it. */
    @FunctionalInterface
    interface Work<T> {
        T in(RunContext run, Path directory) throws Exception;
    }

    /**
     * Measures in a run that has its topics and nothing else.
     *
     * @param command that is run, for messages
     * @throws UsageException when the configuration names another broker
     */
    @SuppressWarnings("try") // the log is written to by others while it is open
    static <T> T measure(ConsiliumConfig config, String command, PrintWriter err, Work<T> work) throws Exception {
        if (!config.embedded()) {
            throw new UsageException("kafka.bootstrap.servers is set, but " + command + " uses its own broker");
        }
        Path scratch = Files.createTempDirectory("consilium-bench-");
        T found;
        try (RunLog log = new RunLog(scratch);
                Cluster cluster = Cluster.embedded(config, scratch.resolve(BROKER), scratch)) {
            KafkaClients kafka = cluster.clients(config, RUN);
            TopicCatalogue.create(kafka, PolicyTable.of(config.specialties()));
            found = work.in(new RunContext(RUN, RUN, config.specialties(), kafka, new SimpleMeterRegistry()), scratch);
        } catch (Exception e) {
            // What the libraries said of it stays.
            deleteData(scratch);
            err.println("consilium: log of this benchmark: " + scratch);
            throw e;
        }
        RunDirectory.delete(scratch);
        return found;
    }

    private static void deleteData(Path scratch) {
        try (Stream<Path> entries = Files.list(scratch)) {
            List<Path> data = entries.filter(Files::isDirectory).toList();
            data.forEach(RunDirectory::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
