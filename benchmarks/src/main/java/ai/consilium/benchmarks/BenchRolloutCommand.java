package ai.consilium.benchmarks;

import ai.consilium.benchmarks.model.MatmulPeak;
import ai.consilium.benchmarks.model.MemoryWatch;
import ai.consilium.benchmarks.model.ProcessMemory;
import ai.consilium.benchmarks.model.RolloutWorkload;
import ai.consilium.benchmarks.model.WorkloadMemory;
import ai.consilium.cli.progress.CpuShare;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.RunDirectory;
import ai.consilium.policy.adapter.AdaptedWeights;
import ai.consilium.policy.adapter.Folding;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.memory.GroupSize;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.sampling.SamplingEngine;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium bench rollout}. */
@Command(
        name = "rollout",
        description =
                "Measures sampling: prompts of 256 tokens with an image, four experts mixed, completions of fixed lengths."
                        + " --peer compares with another engine.",
        mixinStandardHelpOptions = true)
final class BenchRolloutCommand implements Callable<Integer> {
    private static final int PROMPT_TOKENS = 256;
    private static final int RANK = 16;

    @Spec
    private CommandSpec spec;

    @Mixin
    private BenchOptions options;

    @Option(names = "--prompts", defaultValue = "32", description = "Prompts (default: ${DEFAULT-VALUE}).")
    private int prompts;

    @Option(names = "--samples", defaultValue = "8", description = "Samples per prompt (default: ${DEFAULT-VALUE}).")
    private int samples;

    @Option(
            names = "--experts",
            defaultValue = "4",
            description = "Experts that take turns (default: ${DEFAULT-VALUE}).")
    private int experts;

    @Option(
            names = "--shortest",
            defaultValue = "32",
            description = "Tokens of the shortest completion (default: ${DEFAULT-VALUE}).")
    private int shortest;

    @Option(
            names = "--longest",
            defaultValue = "256",
            description = "Tokens of the longest completion (default: ${DEFAULT-VALUE}).")
    private int longest;

    @Option(names = "--text-only", description = "Prompts without images, for both sides.")
    private boolean textOnly;

    @Option(
            names = "--fold",
            defaultValue = "auto",
            description =
                    "Adapters are added to copies of the weights: always, never, or auto, if there is memory for all (default:"
                            + " ${DEFAULT-VALUE}).")
    private Folding.Mode fold = Folding.Mode.AUTO;

    @Option(
            names = "--peer",
            arity = "0..1",
            fallbackValue = "transformers",
            paramLabel = "ENGINE",
            description =
                    "Alternates with transformers (with PEFT; the default), vllm or llama.cpp (needs --text-only), run by"
                            + " the Python that " + BenchOptions.INTERPRETER + " names.")
    private @Nullable String peer;

    /** A round's figures: tokens a second of wall time, also of processor time, which others on the machine disturb less. */
    private record Figures(
            double total, double perCpuSecond, @Nullable Double decode, double millisPerStep, double share) {}

    @Override
    public Integer call() throws Exception {
        options.check();
        if (shortest < 1 || longest < shortest) {
            throw new UsageException("--shortest must be at least 1 and --longest not below it");
        }
        List<Path> program = program();
        Path scratch = Files.createTempDirectory("consilium-bench-");
        try {
            measure(program, scratch);
        } finally {
            RunDirectory.delete(scratch);
        }
        return 0;
    }

    private List<Path> program() {
        if (peer == null) {
            return List.of();
        }
        RolloutPeer engine = RolloutPeer.named(peer);
        if (!engine.takesImages() && !textOnly) {
            throw new UsageException("--peer " + peer + " takes no images: add --text-only, for both sides");
        }
        return options.peer(engine.script(), engine.requirements());
    }

    private void measure(List<Path> program, Path scratch) throws IOException, InterruptedException {
        ModelDirectory directory = ModelDirectory.open(options.modelPath(scratch));
        RolloutWorkload work = RolloutWorkload.of(
                directory,
                new RolloutWorkload.Size(
                        prompts, samples, experts, PROMPT_TOKENS, !textOnly, shortest, longest, RANK, options.seed()));
        Path shared = scratch.resolve("workload");
        work.write(shared, directory);
        WorkloadMemory memory = new WorkloadMemory(
                directory,
                options.precision(),
                new GroupSize(PROMPT_TOKENS, 0, samples, longest),
                prompts,
                experts,
                RANK);
        Folding folding = memory.folding(fold);
        try (MemoryWatch peak = MemoryWatch.start();
                Compute compute = new Compute(options.threads());
                PolicyModel policy = PolicyModel.load(directory, compute, options.precision());
                AdaptedWeights weights = new AdaptedWeights(policy, folding);
                SamplingEngine engine = new SamplingEngine(policy, compute, RolloutWorkload.limits(), weights);
                BenchPeer other = program.isEmpty()
                        ? null
                        : BenchPeer.start(program, directory.path(), shared, options.dtype(), compute.threads())) {
            measure(compute, policy, engine, work, other);
            spec.commandLine()
                    .getErr()
                    .printf(
                            Locale.ROOT,
                            "memory: at most %.2f GB anonymous, %.2f GB by the formulas of consilium memory; %.1f GB of mapped"
                                    + " files; adapters %s%n",
                            peak.peak(),
                            memory.bytes(weights.folded(), compute.threads()) / 1e9,
                            ProcessMemory.read().mapped(),
                            weights.folded() ? "folded" : "beside the weights");
        }
    }

    private void measure(
            Compute compute, PolicyModel policy, SamplingEngine engine, RolloutWorkload work, @Nullable BenchPeer other)
            throws IOException, InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        double peak = MatmulPeak.measure(compute, options.precision());
        double flops = work.flops(policy.directory());
        err.printf(
                Locale.ROOT,
                "%d parameters, %d threads, %d completions, %d tokens; matmul peak %.0f GFLOP/s%n",
                policy.parameters(),
                compute.threads(),
                prompts * samples,
                work.tokens(),
                peak / 1e9);
        List<Figures> ours = new ArrayList<>();
        List<Figures> theirs = new ArrayList<>();
        for (int round = 1; round <= options.rounds(); round++) {
            ours.add(round(engine, work, flops, peak));
            report(err, "consilium", round, ours.get(round - 1));
            if (other != null) {
                JsonNode reply = other.run();
                theirs.add(figures(reply, work, flops, peak));
                String who = reply.get("about").asText() + ", "
                        + reply.get("setting").asText();
                report(err, who, round, theirs.get(round - 1));
            }
        }
        print(median(ours), theirs.isEmpty() ? null : median(theirs), compute.threads());
    }

    private Figures figures(JsonNode reply, RolloutWorkload work, double flops, double peak) {
        double seconds = reply.get("seconds").asDouble();
        return new Figures(
                work.tokens() / seconds,
                work.tokens() / reply.get("cpu_seconds").asDouble(),
                reply.has("decode_seconds")
                        ? (work.tokens() - (double) prompts * samples)
                                / reply.get("decode_seconds").asDouble()
                        : null,
                0,
                flops / seconds / peak);
    }

    /** The whole workload once. Decode-only speed is by the share of compute time that decoding took. */
    private static Figures round(SamplingEngine engine, RolloutWorkload work, double flops, double peak)
            throws InterruptedException {
        SamplingEngine.Work before = engine.work();
        work.experts().forEach((name, adapter) -> engine.use(name, SamplingEngine.Policy.of(0, adapter)));
        long start = System.nanoTime();
        long cpuStart = CpuShare.read().processNanos();
        work.requests().forEach(engine::submit);
        while (!engine.isIdle()) {
            engine.step(Compute.Urgency.SAMPLE);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuSeconds = (CpuShare.read().processNanos() - cpuStart) / 1e9;
        SamplingEngine.Work after = engine.work();
        double decode = after.decodeSeconds() - before.decodeSeconds();
        double prefill = after.prefillSeconds() - before.prefillSeconds();
        double decodeWall = seconds * decode / (decode + prefill);
        return new Figures(
                work.tokens() / seconds,
                work.tokens() / cpuSeconds,
                (after.decodedTokens() - before.decodedTokens()) / decodeWall,
                1e3 * decode / (after.steps() - before.steps()),
                flops / seconds / peak);
    }

    private static Figures median(List<Figures> rounds) {
        return BenchComparison.median(rounds, Figures::total);
    }

    private static void report(PrintWriter err, String who, int round, Figures figures) {
        err.printf(
                Locale.ROOT,
                "round %d  %s: %.0f tokens/s, decode only %s; %.0f tokens per second of processor time%n",
                round,
                who,
                figures.total(),
                rate(figures.decode()),
                figures.perCpuSecond());
        err.flush();
    }

    private static String rate(@Nullable Double figure) {
        return figure == null ? "unknown" : String.format(Locale.ROOT, "%.0f", figure);
    }

    private void print(Figures ours, @Nullable Figures theirs, int cores) throws IOException {
        String name = options.modelName();
        BenchComparison total = BenchComparison.of(
                "rollout-" + name + "-tokens-per-second",
                options.dtype(),
                ours.total(),
                theirs == null ? null : theirs.total());
        BenchComparison decode = BenchComparison.of(
                "rollout-" + name + "-decode-tokens-per-second",
                options.dtype(),
                Objects.requireNonNull(ours.decode()),
                theirs == null ? null : theirs.decode());
        List<String> text = new ArrayList<>();
        text.add(String.format(
                Locale.ROOT,
                "%s %s on %d threads: %.0f tokens/s, decode only %s, %.1f ms per decoding step, %.0f %% of matmul peak",
                name,
                options.dtype(),
                cores,
                ours.total(),
                rate(ours.decode()),
                ours.millisPerStep(),
                100 * ours.share()));
        if (theirs != null) {
            text.add(String.format(
                    Locale.ROOT,
                    "peer: %.0f tokens/s, decode only %s; ratio %.2f; of tokens per second of processor time %.2f",
                    theirs.total(),
                    rate(theirs.decode()),
                    total.ratio(),
                    ours.perCpuSecond() / theirs.perCpuSecond()));
        }
        options.print(spec.commandLine().getOut(), List.of(total, decode), text);
    }
}
