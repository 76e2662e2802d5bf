package ai.consilium.cli;

import ai.consilium.platform.UsageException;
import ai.consilium.policy.Compute;
import ai.consilium.policy.MatmulPeak;
import ai.consilium.policy.ModelDirectory;
import ai.consilium.policy.PolicyModel;
import ai.consilium.policy.Precision;
import ai.consilium.policy.RolloutWorkload;
import ai.consilium.policy.SamplingEngine;
import ai.consilium.pretraining.TinyModel;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium bench rollout}. */
@Command(
        name = "rollout",
        description =
                "Measures sampling: prompts of 256 tokens with an image, four experts mixed, completions of forced lengths"
                        + " from 32 to 256 tokens.",
        mixinStandardHelpOptions = true)
final class BenchRolloutCommand implements Callable<Integer> {
    private static final int PROMPT_TOKENS = 256;
    private static final int SHORTEST = 32;
    private static final int LONGEST = 256;
    private static final int RANK = 16;

    enum Output {
        TEXT,
        JSON
    }

    @Spec
    private CommandSpec spec;

    @Option(names = "--model", paramLabel = "DIR", description = "Model directory (default: models/tiny).")
    private @Nullable Path model;

    @Option(names = "--shape", description = "Instead of --model: a random model of 50 million parameters: 50m.")
    private @Nullable String shape;

    @Option(names = "--dtype", defaultValue = "fp32", description = "fp32 or bf16 (default: ${DEFAULT-VALUE}).")
    private Precision dtype;

    @Option(names = "--prompts", defaultValue = "32", description = "Prompts (default: ${DEFAULT-VALUE}).")
    private int prompts;

    @Option(names = "--samples", defaultValue = "8", description = "Samples a prompt (default: ${DEFAULT-VALUE}).")
    private int samples;

    @Option(
            names = "--experts",
            defaultValue = "4",
            description = "Experts that take turns (default: ${DEFAULT-VALUE}).")
    private int experts;

    @Option(names = "--threads", defaultValue = "0", description = "Compute threads; 0: one per processor.")
    private int threads;

    @Option(names = "--rounds", defaultValue = "3", description = "Runs; the best counts (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--seed", defaultValue = "1", description = "Seed of prompts, lengths and adapters.")
    private long seed;

    @Option(
            names = "--peer",
            description = "Also runs Hugging Face transformers with PEFT, in turn, with the Python that "
                    + RolloutPeer.INTERPRETER + " names.")
    private boolean peer;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            description = "text or json (default: ${DEFAULT-VALUE}).")
    private Output output;

    /** A round's figures: tokens a second of wall time, also of processor time, which others on the machine disturb less. */
    private record Figures(double total, double perCpuSecond, double decode, double millisPerStep, double share) {}

    @Override
    public Integer call() throws Exception {
        Path scratch = Files.createTempDirectory("consilium-bench");
        int cores = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        ModelDirectory directory = ModelDirectory.open(modelPath(scratch));
        RolloutWorkload work = RolloutWorkload.of(
                directory,
                new RolloutWorkload.Size(prompts, samples, experts, PROMPT_TOKENS, SHORTEST, LONGEST, RANK, seed));
        String python = System.getenv(RolloutPeer.INTERPRETER);
        if (peer && python == null) {
            throw new UsageException("--peer needs " + RolloutPeer.INTERPRETER + ": a Python with the packages of"
                    + " tests/peers/requirements.txt");
        }
        work.write(scratch.resolve("workload"), directory);
        try (Compute compute = new Compute(cores);
                PolicyModel policy = PolicyModel.load(directory, compute, dtype);
                SamplingEngine engine = new SamplingEngine(policy, compute, work.limits());
                RolloutPeer other = peer && python != null
                        ? RolloutPeer.start(python, directory.path(), scratch.resolve("workload"), dtypeName(), cores)
                        : null) {
            measure(compute, policy, engine, work, other);
        }
        return 0;
    }

    private String dtypeName() {
        return dtype.name().toLowerCase(Locale.ROOT);
    }

    private Path modelPath(Path scratch) throws IOException {
        if (shape == null) {
            return model == null ? Home.resolve("models/tiny") : model;
        }
        if (!shape.equals("50m") || model != null) {
            throw new UsageException("--shape takes 50m, and no --model beside it");
        }
        TinyModel.initialise(scratch.resolve("50m"), TinyModel.larger(), seed);
        return scratch.resolve("50m");
    }

    private void measure(
            Compute compute,
            PolicyModel policy,
            SamplingEngine engine,
            RolloutWorkload work,
            @Nullable RolloutPeer other)
            throws IOException, InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        double peak = MatmulPeak.measure(compute, dtype);
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
        for (int round = 1; round <= rounds; round++) {
            ours.add(round(engine, work, flops, peak));
            report(err, "consilium", round, ours.get(round - 1));
            if (other != null) {
                RolloutPeer.Reply reply = other.run();
                theirs.add(new Figures(
                        work.tokens() / reply.seconds(),
                        work.tokens() / reply.cpuSeconds(),
                        (work.tokens() - (double) prompts * samples) / reply.decodeSeconds(),
                        0,
                        flops / reply.seconds() / peak));
                report(err, reply.about() + ", batch " + reply.batch(), round, theirs.get(round - 1));
            }
        }
        print(best(ours), theirs.isEmpty() ? null : best(theirs), compute.threads());
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

    private static Figures best(List<Figures> rounds) {
        return rounds.stream()
                .max(java.util.Comparator.comparingDouble(Figures::total))
                .orElseThrow();
    }

    private static void report(PrintWriter err, String who, int round, Figures figures) {
        err.printf(
                Locale.ROOT,
                "round %d  %s: %.0f tokens/s, decode only %.0f; %.0f tokens per second of processor time%n",
                round,
                who,
                figures.total(),
                figures.decode(),
                figures.perCpuSecond());
        err.flush();
    }

    private void print(Figures ours, @Nullable Figures theirs, int cores) throws IOException {
        String name = shape != null ? shape : model == null ? "tiny" : String.valueOf(model.getFileName());
        PrintWriter out = spec.commandLine().getOut();
        if (output == Output.JSON) {
            ObjectMapper json = new ObjectMapper();
            out.println(json.writerWithDefaultPrettyPrinter()
                    .writeValueAsString(List.of(
                            row(
                                    "rollout-" + name + "-tokens-per-second",
                                    ours.total(),
                                    theirs == null ? null : theirs.total()),
                            row(
                                    "rollout-" + name + "-decode-tokens-per-second",
                                    ours.decode(),
                                    theirs == null ? null : theirs.decode()))));
        } else {
            out.printf(
                    Locale.ROOT,
                    "%s %s on %d threads: %.0f tokens/s, decode only %.0f, %.1f ms a step of a lane, %.0f %% of matmul peak%n",
                    name,
                    dtypeName(),
                    cores,
                    ours.total(),
                    ours.decode(),
                    ours.millisPerStep(),
                    100 * ours.share());
            if (theirs != null) {
                out.printf(
                        Locale.ROOT,
                        "peer: %.0f tokens/s, decode only %.0f; ratio %.2f, decode only %.2f%n",
                        theirs.total(),
                        theirs.decode(),
                        ours.total() / theirs.total(),
                        ours.decode() / theirs.decode());
            }
        }
        out.flush();
    }

    private ObjectNode row(String name, double ours, @Nullable Double theirs) {
        ObjectNode row = new ObjectMapper().createObjectNode();
        row.put("name", name).put("dtype", dtypeName()).put("ours", ours);
        row.put("peer", theirs).put("ratio", theirs == null ? null : ours / theirs);
        return row;
    }
}
