package ai.consilium.benchmarks;

import ai.consilium.benchmarks.stream.StreamBenchmark;
import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.config.ConfigOptions;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium bench stream}. */
@Command(
        name = "stream",
        description = {
            "Measures the advantage stream (exactly-once) with an embedded broker: groups of 8 samples of 512 tokens, five scorers.",
            "sustained: scored trajectories/s with input always waiting. paced: milliseconds from the last score",
            "of a group to its training group at --rate. Section 'advantage' of the configuration applies."
        },
        mixinStandardHelpOptions = true)
final class BenchStreamCommand implements Callable<Integer> {
    private static final String BROKER = "kafka";
    private static final String STATE = "state";

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions options;

    @Option(
            names = "--seconds",
            defaultValue = "30",
            description = "How long each part is measured, after 10 s of warm-up (default: ${DEFAULT-VALUE}).")
    private int seconds = 30;

    @Option(
            names = "--rate",
            defaultValue = "200",
            description = "Scored trajectories/s of the paced part (default: ${DEFAULT-VALUE}).")
    private double rate = 200;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() throws Exception {
        if (seconds < 1 || !(rate > 0)) {
            throw new UsageException("--seconds and --rate must be above 0");
        }
        ConsiliumConfig config = options.load().config();
        if (!config.embedded()) {
            throw new UsageException("kafka.bootstrap.servers is set, but bench stream uses its own broker");
        }
        Path scratch = Files.createTempDirectory("consilium-bench-");
        try (RunLog log = new RunLog(scratch)) {
            print(measure(config, scratch));
        } catch (RuntimeException e) {
            // What the libraries said of it stays.
            deleteData(scratch);
            spec.commandLine().getErr().println("consilium: log of this benchmark: " + scratch);
            throw e;
        }
        RunDirectory.delete(scratch);
        return 0;
    }

    private static void deleteData(Path scratch) {
        for (String part : List.of(BROKER, STATE)) {
            if (Files.exists(scratch.resolve(part))) {
                RunDirectory.delete(scratch.resolve(part));
            }
        }
    }

    private List<StreamBenchmark.Figure> measure(ConsiliumConfig config, Path scratch) {
        try (Cluster cluster = Cluster.embedded(config, scratch.resolve(BROKER), scratch)) {
            KafkaClients kafka = cluster.clients(config, "bench");
            TopicCatalogue.create(kafka, PolicyTable.of(config.specialties()));
            RunContext context =
                    new RunContext("bench", "bench", config.specialties(), kafka, new SimpleMeterRegistry());
            return new StreamBenchmark(context, config.advantage(), scratch.resolve(STATE), this::show)
                    .run(Duration.ofSeconds(seconds), rate);
        }
    }

    private void show(StreamBenchmark.Progress progress) {
        PrintWriter err = spec.commandLine().getErr();
        err.printf(
                Locale.ROOT,
                "%-18s %3.0f s  %6d groups completed, %d in flight; %.2f cores used%n",
                progress.phase(),
                progress.seconds(),
                progress.groups(),
                progress.open(),
                progress.processors());
        err.flush();
    }

    private void print(List<StreamBenchmark.Figure> figures) throws IOException {
        output.print(
                spec.commandLine().getOut(),
                figures,
                out -> figures.forEach(f -> out.printf(
                        Locale.ROOT,
                        "%-10s %8.0f scored trajectories/s   p50 %6.1f ms   p99 %6.1f ms%n",
                        f.name(),
                        f.rate(),
                        f.p50Ms(),
                        f.p99Ms())));
    }
}
