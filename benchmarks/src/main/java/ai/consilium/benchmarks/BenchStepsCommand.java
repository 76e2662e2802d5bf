package ai.consilium.benchmarks;

import ai.consilium.benchmarks.steps.SharedSteps;
import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.pretraining.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium bench steps}. */
@Command(
        name = "steps",
        description = {
            "Measures steps of one specialty that learners compute together (learner.help), with an embedded broker: seconds a",
            "step by the number of learners, of one compute thread each, on made-up groups. Keys of learners apply."
        },
        mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class BenchStepsCommand implements Callable<Integer> {
    private static final String LARGER = "50m";
    private static final String OWN = "model";

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions options;

    @Mixin
    private OutputOption output;

    @Option(
            names = "--shape",
            defaultValue = LARGER,
            description =
                    "A random model of 50 million parameters, 50m, or the one that the key model names, model (default: ${DEFAULT-VALUE}).")
    private String shape;

    @Option(
            names = "--learners",
            split = ",",
            defaultValue = "1,2",
            paramLabel = "N",
            description = "How many compute, one measurement each (default: ${DEFAULT-VALUE}).")
    private List<Integer> learners;

    @Option(
            names = "--steps",
            defaultValue = "6",
            description = "Steps; the first is not counted (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Override
    public Integer call() throws Exception {
        if (!List.of(LARGER, OWN).contains(shape)) {
            throw new UsageException("--shape must be 50m or model, not '" + shape + "'");
        }
        if (steps < 2 || learners.stream().anyMatch(number -> number < 1)) {
            throw new UsageException("--steps must be at least 2, and --learners at least 1");
        }
        ConsiliumConfig config = options.load(
                        List.of(
                                "steps=" + steps,
                                "max_off_policy_steps=" + steps,
                                "specialties=[pediatrics]",
                                "dsa.shared_steps=0",
                                "dsa.steps=0"),
                        false)
                .config();
        List<SharedSteps.Point> seen = new ArrayList<>();
        for (int number : learners) {
            SharedSteps.Point point = BenchScratch.measure(
                    config,
                    "bench steps",
                    spec.commandLine().getErr(),
                    (run, scratch) -> sharedSteps(config, scratch).measure(run, number, scratch.resolve("store")));
            seen.add(point);
            spec.commandLine().getErr().println(line(point));
            spec.commandLine().getErr().flush();
        }
        output.print(spec.commandLine().getOut(), seen, out -> seen.forEach(point -> out.println(line(point))));
        return 0;
    }

    private SharedSteps sharedSteps(ConsiliumConfig config, Path scratch) throws Exception {
        Path data = Files.createDirectory(scratch.resolve("data"));
        Clinic.write(data, config.clinic());
        LearnerConfig own = config.learner();
        return new SharedSteps(
                model(config, scratch),
                data,
                new LearnerConfig(
                        own.lora(),
                        own.dsa(),
                        own.rl(),
                        own.loss(),
                        own.optimiser(),
                        own.activations(),
                        own.ckpt(),
                        new LearnerConfig.Share(List.of(), true)),
                new LearnerTask(
                        config.plan(),
                        config.merger().consolidate(),
                        config.eval(),
                        config.rounds(),
                        false,
                        config.scheduler().sampling().maxCompletionTokens()),
                config.scheduler().groupSize(),
                Precision.named(config.compute().dtype()));
    }

    private ModelDirectory model(ConsiliumConfig config, Path scratch) throws IOException {
        if (shape.equals(OWN)) {
            return new PreflightChecks(config).modelDirectory();
        }
        Path directory = scratch.resolve(LARGER);
        TinyModel.initialise(directory, TinyModel.larger(), config.plan().seed());
        return ModelDirectory.open(directory);
    }

    private static String line(SharedSteps.Point point) {
        return String.format(
                Locale.ROOT,
                "%2d learners: %6.2f s a step, of %.0f parts, %.1f of them by others; last version %.12s",
                point.learners(),
                point.seconds(),
                point.parts(),
                point.elsewhere(),
                point.hash());
    }
}
