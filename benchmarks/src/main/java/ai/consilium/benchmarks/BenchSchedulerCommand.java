package ai.consilium.benchmarks;

import ai.consilium.benchmarks.model.PublishedShape;
import ai.consilium.benchmarks.model.RandomAdapters;
import ai.consilium.benchmarks.stream.SchedulerHistory;
import ai.consilium.benchmarks.stream.WholeStream;
import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.RunContext;
import ai.consilium.reward.plan.ScoringDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium bench scheduler}. */
@Command(
        name = "scheduler",
        description = {
            "Measures what a long run costs its scheduler, with an embedded broker and a stand-in for everybody else:",
            "memory, the size of its books, and seconds until it goes on after a restart, with them and without.",
            "With --whole-stream all but learners and sampling are real: what the stream costs as well."
        },
        mixinStandardHelpOptions = true)
final class BenchSchedulerCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions options;

    @Option(
            names = "--versions",
            defaultValue = "2000",
            description = "Versions of each specialty (default: ${DEFAULT-VALUE}).")
    private int versions = 2000;

    @Option(
            names = "--points",
            defaultValue = "4",
            description = "How often the scheduler is restarted on the way (default: ${DEFAULT-VALUE}).")
    private int restarts = 4;

    @Option(
            names = "--whole-stream",
            description =
                    "Real workers, whose engine samples nothing, rewards and advantages; takes many times as long.")
    private boolean wholeStream;

    @Option(
            names = "--rate",
            defaultValue = "0",
            description = "Trajectories a second at most that versions are made of; 0: as many as there are.")
    private double rate;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() throws Exception {
        if (restarts < 1 || versions < restarts) {
            throw new UsageException("--points must be at least 1, and --versions at least --points");
        }
        if (!(rate >= 0)) {
            throw new UsageException("--rate must not be negative");
        }
        // A few more: each restart needs a version of its own.
        ConsiliumConfig config = options.load(List.of("steps=" + (versions + 5 * restarts)), false)
                .config();
        List<SchedulerHistory.Point> points = BenchScratch.measure(
                config,
                "bench scheduler",
                spec.commandLine().getErr(),
                (run, scratch) -> measure(config, run, scratch));
        output.print(spec.commandLine().getOut(), points, out -> points.forEach(point -> out.println(line(point))));
        return 0;
    }

    private List<SchedulerHistory.Point> measure(ConsiliumConfig config, RunContext run, Path scratch)
            throws IOException {
        Path data = Files.createDirectory(scratch.resolve("data"));
        Clinic.write(data, config.clinic());
        List<SchedulerHistory.Point> seen = new ArrayList<>();
        Optional<WholeStream> stream =
                wholeStream ? Optional.of(new WholeStream(run, parts(config, data, scratch))) : Optional.empty();
        try (SchedulerHistory history = new SchedulerHistory(
                run, config.scheduler(), new CaseLibrary(data), scratch.resolve("scheduler.json"), stream, rate)) {
            history.run(versions, restarts, point -> {
                seen.add(point);
                spec.commandLine().getErr().println(line(point));
                spec.commandLine().getErr().flush();
            });
        } finally {
            stream.ifPresent(WholeStream::close);
        }
        return seen;
    }

    private WholeStream.Parts parts(ConsiliumConfig config, Path data, Path scratch) {
        RandomAdapters adapters = new RandomAdapters(PublishedShape.QWEN_3B.config(1), 1, 1, List.of("q_proj"), 1);
        return new WholeStream.Parts(
                config.rollout(),
                config.reward(),
                config.advantage(),
                data,
                PromptLayouts.canonical(),
                ScoringDefinition.of(config.reward(), options.base(), config.answer(), EndTokens.TURN_END),
                adapters.first(),
                adapters::next,
                scratch.resolve("state"));
    }

    private static String line(SchedulerHistory.Point point) {
        return String.format(
                Locale.ROOT,
                "%6d versions of each specialty, %8d groups: heap %6.1f MiB, books %6.1f KiB, restart %5.2f s, without books %6.2f s, %4.0f bytes of log a group%s",
                point.versions(),
                point.groups(),
                point.heapMib(),
                point.booksKib(),
                point.restartSeconds(),
                point.rebuildSeconds(),
                point.logBytesPerGroup(),
                point.streamBytesPerGroup() == 0 ? "" : stream(point));
    }

    private static String stream(SchedulerHistory.Point point) {
        return String.format(
                Locale.ROOT,
                " and %5.0f of the stream; %.2f GB anonymous; %.0f trajectories/s; the stream again in %.2f s",
                point.streamBytesPerGroup(),
                point.anonymousGb(),
                point.trajectoriesPerSecond(),
                point.streamRestartSeconds());
    }
}
