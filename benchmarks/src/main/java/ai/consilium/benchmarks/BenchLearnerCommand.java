package ai.consilium.benchmarks;

import ai.consilium.benchmarks.model.ConcurrentLearners;
import ai.consilium.benchmarks.model.LearnerWorkload;
import ai.consilium.benchmarks.model.MatmulPeak;
import ai.consilium.benchmarks.model.MemoryWatch;
import ai.consilium.benchmarks.model.ProcessMemory;
import ai.consilium.cli.progress.CpuShare;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.RunDirectory;
import ai.consilium.policy.adapter.Gradient;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.format.Safetensors;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.training.ActivationCheckpointing;
import ai.consilium.policy.training.Trainer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium bench learner}. */
@Command(
        name = "learner",
        description =
                "Measures learning: optimiser steps over groups with a common prefix and an image, one learner per thread."
                        + " --peer compares with TRL's GRPOTrainer, the gradients of the first step included.",
        mixinStandardHelpOptions = true)
final class BenchLearnerCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private BenchOptions options;

    @Option(names = "--groups", defaultValue = "5", description = "Groups per step (default: ${DEFAULT-VALUE}).")
    private int groups;

    @Option(names = "--samples", defaultValue = "8", description = "Samples per group (default: ${DEFAULT-VALUE}).")
    private int samples;

    @Option(
            names = "--prefix",
            defaultValue = "256",
            description = "Tokens of a group's common prompt (default: ${DEFAULT-VALUE}).")
    private int prefix;

    @Option(
            names = "--completion",
            defaultValue = "64",
            description = "Tokens per completion (default: ${DEFAULT-VALUE}).")
    private int completion;

    @Option(names = "--rank", defaultValue = "16", description = "Rank of the adapter (default: ${DEFAULT-VALUE}).")
    private int rank;

    @Option(
            names = "--checkpointing",
            defaultValue = "auto",
            description =
                    "auto, on or off, as activations.checkpointing (default: ${DEFAULT-VALUE}). The peer does the same.")
    private String checkpointing;

    @Option(
            names = "--max-mib",
            defaultValue = "1024",
            description = "As activations.max_mib (default: ${DEFAULT-VALUE}).")
    private int maxMib;

    @Option(
            names = "--peer",
            description = "Alternates with TRL, run by the Python that " + BenchOptions.INTERPRETER + " names.")
    private boolean peer;

    /** A round's figures: tokens a second of wall time, also of processor time, which others on the machine disturb less. */
    private record Figures(double tokens, double perCpuSecond, double millis, double share) {}

    /** What a step of one learner trains and needs at least, and what the threads multiply in a second. */
    private record Scale(long tokens, double flops, double peak) {
        Figures figures(int steps, double seconds, double cpuSeconds) {
            double all = (double) steps * tokens;
            return new Figures(all / seconds, all / cpuSeconds, 1e3 * seconds, steps * flops / seconds / peak);
        }
    }

    /** Gradients, and log-probabilities, that differ by more are not equal: {@link Gradient.Difference}. */
    private record Tolerance(double largest, double cosine, double logprob) {
        static Tolerance of(Precision precision) {
            return switch (precision) {
                case FP32 -> new Tolerance(1e-4, 0.999999, 1e-3);
                case BF16 -> new Tolerance(1e-1, 0.999, 0.5);
            };
        }

        boolean holds(Gradient.Difference gradient, double logprobs) {
            return gradient.largest() <= largest && gradient.cosine() >= cosine && logprobs <= logprob;
        }
    }

    @Override
    public Integer call() throws Exception {
        options.check();
        if (groups < 1 || samples < 1 || prefix < 1 || completion < 1 || rank < 1) {
            throw new UsageException("--groups, --samples, --prefix, --completion and --rank must be at least 1");
        }
        ActivationCheckpointing activations = activations();
        List<Path> program = peer ? options.peer("learner_peer.py", "requirements.txt") : List.of();
        Path scratch = Files.createTempDirectory("consilium-bench-");
        try {
            return measure(program, scratch, recipe(activations));
        } finally {
            RunDirectory.delete(scratch);
        }
    }

    private ActivationCheckpointing activations() {
        if (maxMib < 1) {
            throw new UsageException("--max-mib must be at least 1");
        }
        try {
            return new ActivationCheckpointing(ActivationCheckpointing.Mode.named(checkpointing), (long) maxMib << 20);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--" + e.getMessage());
        }
    }

    private LearnerWorkload.Recipe recipe(ActivationCheckpointing activations) {
        Trainer.Optimiser optimiser = new Trainer.Optimiser(0.9, 0.99, 1e-8, 0, 1);
        return new LearnerWorkload.Recipe(0.2, 0.28, 1e-6, optimiser, options.precision(), activations);
    }

    private int measure(List<Path> program, Path scratch, LearnerWorkload.Recipe recipe)
            throws IOException, InterruptedException {
        ModelDirectory directory = ModelDirectory.open(options.modelPath(scratch));
        LearnerWorkload work = LearnerWorkload.of(
                directory, new LearnerWorkload.Size(groups, samples, prefix, completion, rank, options.seed()));
        Path shared = scratch.resolve("workload");
        work.write(shared, directory, recipe);
        try (Compute compute = new Compute(options.threads());
                PolicyModel policy = PolicyModel.load(directory, compute, options.precision());
                MemoryWatch memory = MemoryWatch.start();
                ConcurrentLearners learners = new ConcurrentLearners(policy, compute, work, recipe);
                BenchPeer peer = program.isEmpty()
                        ? null
                        : BenchPeer.start(program, directory.path(), shared, options.dtype(), compute.threads())) {
            if (peer != null && !agrees(learners, directory, peer, shared)) {
                return 1;
            }
            measure(compute, policy, learners, work, recipe, memory, peer);
        }
        return 0;
    }

    /** Log-probabilities and gradients of the first step, which also warms the peer up. */
    private boolean agrees(ConcurrentLearners learners, ModelDirectory model, BenchPeer peer, Path shared)
            throws IOException, InterruptedException {
        LearnerWorkload next = learners.recorded(learners.work().nextTokens(model));
        Gradient ours = learners.gradient();
        peer.run();
        Gradient.Difference difference = ours.from(Gradient.read(shared.resolve("gradient.safetensors")));
        double logprobs = learners.work().largestDifference(values(shared, "logprobs"));
        double distributions = next.largestDifference(values(shared, "next"));
        Tolerance tolerance = Tolerance.of(options.precision());
        String found = String.format(
                Locale.ROOT,
                "gradient of the first step: largest relative difference %.1e (%s), cosine %.8f; log-probabilities: at most %.1e, of %d ids after a prompt %.1e",
                difference.largest(),
                difference.tensor(),
                difference.cosine(),
                logprobs,
                next.groups().get(0).members().size(),
                distributions);
        PrintWriter err = spec.commandLine().getErr();
        if (tolerance.holds(difference, Math.max(logprobs, distributions))) {
            err.println(found);
            return true;
        }
        err.printf(
                Locale.ROOT,
                "consilium: they differ: %s; for %s at most %.0e, at least %.4f and at most %.0e count as equal%n",
                found,
                options.dtype(),
                tolerance.largest(),
                tolerance.cosine(),
                tolerance.logprob());
        return false;
    }

    private static float[] values(Path shared, String name) throws IOException {
        return Safetensors.open(shared.resolve(name + ".safetensors"))
                .tensor(name)
                .values();
    }

    private void measure(
            Compute compute,
            PolicyModel policy,
            ConcurrentLearners learners,
            LearnerWorkload work,
            LearnerWorkload.Recipe recipe,
            MemoryWatch memory,
            @Nullable BenchPeer peer)
            throws IOException, InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        Scale scale = new Scale(
                work.tokens(), work.flops(policy.directory()), MatmulPeak.measure(compute, options.precision()));
        List<ActivationCheckpointing.Part> parts = work.parts(policy.directory(), recipe);
        err.printf(
                Locale.ROOT,
                "%d parameters, %d threads, %d groups of %d, %d tokens per step, %d completions at once%s; matmul peak %.0f GFLOP/s%n",
                policy.parameters(),
                compute.threads(),
                groups,
                samples,
                work.tokens(),
                work.microBatch(parts),
                parts.get(0).checkpointed() ? ", layers checkpointed" : "",
                scale.peak() / 1e9);
        learners.step();
        List<Figures> ours = new ArrayList<>();
        List<Figures> theirs = new ArrayList<>();
        for (int round = 1; round <= options.rounds(); round++) {
            ours.add(round(learners, scale));
            report(err, "consilium", round, ours.get(round - 1));
            if (peer != null) {
                JsonNode reply = peer.run();
                double seconds = reply.get("seconds").asDouble();
                theirs.add(scale.figures(1, seconds, reply.get("cpu_seconds").asDouble()));
                report(err, reply.get("about").asText(), round, theirs.get(round - 1));
                double peak = reply.get("peak_anonymous_gb").asDouble();
                memory(err, "peer", reply.get("anonymous_gb").asDouble(), peak);
            }
        }
        memory(err, "consilium", memory.before(), memory.peak());
        err.printf(
                Locale.ROOT,
                "consilium: %.2f GB by the formulas of consilium memory; %.1f GB of mapped files%n",
                work.bytes(policy.directory(), recipe, learners.count()) / 1e9,
                ProcessMemory.read().mapped());
        err.flush();
        print(median(ours), theirs.isEmpty() ? null : median(theirs), compute.threads());
    }

    private static Figures round(ConcurrentLearners learners, Scale scale) throws InterruptedException {
        long start = System.nanoTime();
        long cpuStart = CpuShare.read().processNanos();
        learners.step();
        double seconds = (System.nanoTime() - start) / 1e9;
        return scale.figures(learners.count(), seconds, (CpuShare.read().processNanos() - cpuStart) / 1e9);
    }

    private static Figures median(List<Figures> rounds) {
        return BenchComparison.median(rounds, Figures::tokens);
    }

    private static void report(PrintWriter err, String who, int round, Figures figures) {
        err.printf(
                Locale.ROOT,
                "round %d  %s: %.0f tokens/s, %.0f ms; %.0f tokens per second of processor time%n",
                round,
                who,
                figures.tokens(),
                figures.millis(),
                figures.perCpuSecond());
        err.flush();
    }

    private static void memory(PrintWriter err, String who, double before, double peak) {
        err.printf(
                Locale.ROOT,
                "%s: %.2f GB anonymous before, %.2f GB at most (%.2f more)%n",
                who,
                before,
                peak,
                peak - before);
        err.flush();
    }

    private void print(Figures ours, @Nullable Figures theirs, int threads) throws IOException {
        String name = options.modelName();
        BenchComparison tokens = BenchComparison.of(
                "learner-" + name + "-trained-tokens-per-second",
                options.dtype(),
                ours.tokens(),
                theirs == null ? null : theirs.tokens());
        List<String> text = new ArrayList<>();
        text.add(String.format(
                Locale.ROOT,
                "%s %s on %d threads: %.0f trained tokens/s, %.0f per second of processor time, %.0f ms per step, %.0f %% of matmul peak",
                name,
                options.dtype(),
                threads,
                ours.tokens(),
                ours.perCpuSecond(),
                ours.millis(),
                100 * ours.share()));
        if (theirs != null) {
            text.add(String.format(
                    Locale.ROOT,
                    "peer: %.0f trained tokens/s, %.0f per second of processor time, %.0f ms per step; ratio %.2f",
                    theirs.tokens(),
                    theirs.perCpuSecond(),
                    theirs.millis(),
                    tokens.ratio()));
        }
        options.print(spec.commandLine().getOut(), List.of(tokens), text);
    }
}
