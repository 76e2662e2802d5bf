package ai.consilium.cli.command;

import ai.consilium.platform.UsageException;
import ai.consilium.policy.compute.Compute;
import ai.consilium.pretraining.PretrainingSettings;
import ai.consilium.pretraining.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium pretrain}: makes models/tiny. */
@Command(
        name = "pretrain",
        description = "Trains the tiny base model from a seed: it learns to see, read and count, but no diagnosis.",
        mixinStandardHelpOptions = true)
public final class PretrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "New directory of the model.")
    private Path out;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Seed of weights and items (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--steps", defaultValue = "0", description = "Steps; 0: as many as for models/tiny.")
    private int steps;

    @Override
    public Integer call() throws Exception {
        if (Files.exists(out.resolve("model.safetensors"))) {
            throw new UsageException("--out: " + out + " already contains a model");
        }
        PretrainingSettings standard = PretrainingSettings.standard(seed);
        PretrainingSettings settings = steps == 0
                ? standard
                : new PretrainingSettings(
                        seed, steps, standard.finishingSteps(), standard.batchSize(), standard.learningRate());
        var err = spec.commandLine().getErr();
        try (Compute compute = new Compute(Runtime.getRuntime().availableProcessors())) {
            var skills = TinyModel.make(
                    out,
                    settings,
                    compute,
                    p -> err.printf(
                            Locale.ROOT,
                            "step %d of %d  loss %.4f  %.0f s, about %.0f s left%n",
                            p.done(),
                            p.steps(),
                            p.loss(),
                            p.seconds(),
                            p.seconds() / p.done() * (p.steps() - p.done())));
            var data = spec.commandLine().getOut();
            skills.forEach((kind, skill) ->
                    data.printf(Locale.ROOT, "%-10s %d of %d exact%n", kind, skill.right(), skill.asked()));
            data.flush();
        }
        return 0;
    }
}
