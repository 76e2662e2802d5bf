package ai.consilium.benchmarks;

import ai.consilium.benchmarks.model.RandomAdapters;
import ai.consilium.benchmarks.stream.AdapterHistory;
import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.learner.config.LearnerConfig.Lora;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.RunContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium bench adapters}. */
@Command(
        name = "adapters",
        description = {
            "Measures what large adapters cost the log and who reads it, with an embedded broker: experts publish random",
            "versions, a worker takes over each, and now and then a new worker starts. Disk, memory, and seconds to publish,",
            "to take over and until a new worker holds the newest. Keys lora.* and ckpt.keep_last apply."
        },
        mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class BenchAdaptersCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions options;

    @Option(
            names = "--shape",
            defaultValue = "7b",
            description = "Model that the adapters are of, 3b or 7b (default: ${DEFAULT-VALUE}).")
    private String shape;

    @Option(names = "--layers", defaultValue = "0", description = "Layers of its decoder; 0: all.")
    private int layers;

    @Option(
            names = "--experts",
            defaultValue = "1",
            description = "How many of the specialties publish (default: ${DEFAULT-VALUE}).")
    private int experts;

    @Option(
            names = "--versions",
            defaultValue = "50",
            description = "Versions of each, after version 0 (default: ${DEFAULT-VALUE}).")
    private int versions;

    @Option(
            names = "--points",
            defaultValue = "5",
            description = "How often a new worker starts on the way (default: ${DEFAULT-VALUE}).")
    private int points;

    @Option(names = "--seed", defaultValue = "1", description = "Random seed.")
    private long seed;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() throws Exception {
        ShapeChoice chosen = ShapeChoice.of(shape, layers);
        if (points < 1 || versions < points) {
            throw new UsageException("--points must be at least 1, and --versions at least --points");
        }
        ConsiliumConfig config = options.load().config();
        if (experts < 1 || experts > config.specialties().size()) {
            throw new UsageException(
                    "--experts must be between 1 and " + config.specialties().size() + ", the number of specialties");
        }
        Lora lora = config.learner().lora();
        RandomAdapters adapters = new RandomAdapters(
                chosen.shape().config(chosen.layers()), lora.rank(), lora.alpha(), lora.targets(), seed);
        List<AdapterHistory.Point> seen = BenchScratch.measure(
                config,
                "bench adapters",
                spec.commandLine().getErr(),
                (run, scratch) -> measure(config, run, adapters));
        output.print(spec.commandLine().getOut(), seen, out -> seen.forEach(point -> out.println(line(point))));
        return 0;
    }

    private List<AdapterHistory.Point> measure(ConsiliumConfig config, RunContext run, RandomAdapters adapters)
            throws Exception {
        List<AdapterHistory.Point> seen = new ArrayList<>();
        new AdapterHistory(
                        run,
                        config.specialties().subList(0, experts),
                        config.learner().ckpt().keepLast(),
                        adapters::next)
                .run(adapters.first(), versions, points, point -> {
                    seen.add(point);
                    spec.commandLine().getErr().println(line(point));
                    spec.commandLine().getErr().flush();
                });
        return seen;
    }

    private static String line(AdapterHistory.Point point) {
        return String.format(
                Locale.ROOT,
                "%4d versions of %.1f MB: adapters %6.0f MB (at most %6.0f), log %6.0f MB, heap %5.0f MiB, %.2f GB anonymous;"
                        + " published in %.2f s, taken over in %.2f s, new worker %.2f s",
                point.versions(),
                point.adapterMb(),
                point.adaptersMb(),
                point.mostMb(),
                point.logMb(),
                point.heapMib(),
                point.residentGb(),
                point.publishSeconds(),
                point.takeSeconds(),
                point.newWorkerSeconds());
    }
}
