package ai.consilium.benchmarks;

import ai.consilium.benchmarks.model.ProcessMemory;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium bench load}. */
@Command(
        name = "load",
        description =
                "Measures how long a model takes to be opened, hashed and loaded, and how much memory it then takes.",
        mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class BenchLoadCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
    private Path model;

    @Option(names = "--dtype", defaultValue = "bf16", description = "fp32 or bf16 (default: ${DEFAULT-VALUE}).")
    private Precision dtype = Precision.BF16;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        try (Compute compute = new Compute(1)) {
            report(out, "started", System.nanoTime());
            long start = System.nanoTime();
            ModelDirectory directory = ModelDirectory.open(model);
            report(out, "opened", start);
            start = System.nanoTime();
            try (PolicyModel policy = PolicyModel.load(directory, compute, dtype)) {
                report(out, "loaded, " + policy.parameters() + " parameters", start);
                start = System.nanoTime();
                directory.hash();
                report(out, "hashed", start);
            }
        }
        return 0;
    }

    private static void report(PrintWriter out, String what, long start) throws IOException {
        ProcessMemory memory = ProcessMemory.read();
        out.printf(
                Locale.ROOT,
                "%s in %.1f s: %.2f GB anonymous, %.2f GB of mapped files, at most %.2f GB of both%n",
                what,
                (System.nanoTime() - start) / 1e9,
                memory.anonymous(),
                memory.mapped(),
                memory.peak());
        out.flush();
    }
}
