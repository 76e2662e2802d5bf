package ai.consilium.benchmarks;

import ai.consilium.benchmarks.stream.StreamBenchmark;
import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.io.PrintWriter;
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
        print(BenchScratch.measure(
                config,
                "bench stream",
                spec.commandLine().getErr(),
                (run, scratch) -> new StreamBenchmark(run, config.advantage(), scratch.resolve("state"), this::show)
                        .run(Duration.ofSeconds(seconds), rate)));
        return 0;
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
