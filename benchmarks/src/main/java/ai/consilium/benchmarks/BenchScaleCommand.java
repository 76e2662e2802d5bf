package ai.consilium.benchmarks;

import ai.consilium.benchmarks.model.PublishedShape;
import ai.consilium.benchmarks.model.RandomAdapters;
import ai.consilium.benchmarks.stream.ScaleBenchmark;
import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.RunContext;
import ai.consilium.reward.plan.ScoringDefinition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium bench scale}. */
@Command(
        name = "scale",
        description = {
            "Measures what a trajectory costs a role whose work 1, 2, 4 and more instances share, each adding as much work as",
            "it takes: processor time of the instances, with an embedded broker. Rollout workers sample elsewhere: a group",
            "takes --sampling milliseconds. The stream's own keys apply; kafka.partitions must be at least --instances."
        },
        mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class BenchScaleCommand implements Callable<Integer> {
    private static final Duration WARM_UP = Duration.ofSeconds(15);
    private static final int RANK = 4;

    /** What can be measured. */
    enum Role {
        advantage,
        reward,
        rollout
    }

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions options;

    @Option(
            names = "--role",
            required = true,
            paramLabel = "ROLE",
            description = "Whose instances: ${COMPLETION-CANDIDATES}.")
    private Role role;

    @Option(
            names = "--instances",
            split = ",",
            defaultValue = "1,2,4",
            paramLabel = "N",
            description = "How many share the work, one measurement each (default: ${DEFAULT-VALUE}).")
    private List<Integer> instances;

    @Option(
            names = "--rate",
            defaultValue = "80",
            description = "Trajectories a second that each instance is given (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--seconds",
            defaultValue = "20",
            description = "How long each number is measured, after 15 s of warm-up (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--sampling",
            defaultValue = "250",
            description =
                    "Milliseconds that sampling a group takes a rollout worker's engine (default: ${DEFAULT-VALUE}).")
    private int sampling;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() throws Exception {
        ConsiliumConfig config =
                options.load(List.of("rollout.workers=1"), false).config();
        int partitions = config.kafka().partitions();
        if (seconds < 1 || sampling < 0 || !(rate > 0)) {
            throw new UsageException("--seconds and --rate must be above 0, --sampling not below");
        }
        for (int number : instances) {
            if (number < 1 || number > partitions) {
                throw new UsageException(
                        "--instances must be from 1 to kafka.partitions, which is " + partitions + ", not " + number);
            }
        }
        List<ScaleBenchmark.Point> seen = new ArrayList<>();
        for (int number : instances) {
            ScaleBenchmark.Point point = BenchScratch.measure(
                    config,
                    "bench scale",
                    spec.commandLine().getErr(),
                    (run, scratch) -> benchmark(config, run, scratch)
                            .measure(number, rate, WARM_UP, Duration.ofSeconds(seconds)));
            seen.add(point);
            spec.commandLine().getErr().println(line(point));
            spec.commandLine().getErr().flush();
        }
        output.print(spec.commandLine().getOut(), seen, out -> seen.forEach(point -> out.println(line(point))));
        return 0;
    }

    private ScaleBenchmark benchmark(ConsiliumConfig config, RunContext run, Path scratch) throws Exception {
        Path data = Files.createDirectory(scratch.resolve("data"));
        PromptLayout layout = PromptLayouts.canonical();
        if (role != Role.advantage) {
            Clinic.write(data, config.clinic());
        }
        return switch (role) {
            case advantage -> ScaleBenchmark.advantage(run, config.advantage(), scratch);
            case reward ->
                ScaleBenchmark.reward(
                        run,
                        config.reward(),
                        data,
                        layout,
                        ScoringDefinition.of(config.reward(), options.base(), config.answer(), EndTokens.TURN_END));
            case rollout ->
                ScaleBenchmark.rollout(
                        run,
                        config.rollout(),
                        data,
                        layout,
                        new RandomAdapters(PublishedShape.QWEN_3B.config(1), RANK, RANK, List.of("q_proj"), 1).first(),
                        Duration.ofMillis(sampling));
        };
    }

    private static String line(ScaleBenchmark.Point point) {
        return String.format(
                Locale.ROOT,
                "%-9s %2d instances: %6.0f trajectories/s, %6.3f ms of processor time each, %6.3f ms with broker, feeder and reader",
                point.role(),
                point.instances(),
                point.rate(),
                point.processorMs(),
                point.processMs());
    }
}
