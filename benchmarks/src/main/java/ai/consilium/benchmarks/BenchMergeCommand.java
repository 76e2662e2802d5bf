package ai.consilium.benchmarks;

import ai.consilium.benchmarks.model.MemoryWatch;
import ai.consilium.benchmarks.model.MergeWorkload;
import ai.consilium.benchmarks.model.ProcessMemory;
import ai.consilium.benchmarks.model.PublishedShape;
import ai.consilium.cli.progress.ProgressLine;
import ai.consilium.merger.merge.Activations;
import ai.consilium.merger.merge.ExpertMerge;
import ai.consilium.merger.merge.MergeMethod;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium bench merge}: time and memory of RegMean at the width of a real model. */
@Command(
        name = "merge",
        mixinStandardHelpOptions = true,
        description =
                "Measures merging by regmean: random experts and inputs of the shape of Qwen2.5-VL-7B's language model, or with"
                        + " --model what a model makes of random texts.")
final class BenchMergeCommand implements Callable<Integer> {
    private static final int PROMPT_TOKENS = 256;
    private static final int COMPLETION_TOKENS = 64;

    @Option(names = "--model", paramLabel = "DIR", description = "Model whose linear maps are looked at.")
    private @Nullable Path model;

    @Option(
            names = "--dtype",
            defaultValue = "bf16",
            description = "Type of the model's weights, fp32 or bf16 (default: ${DEFAULT-VALUE}).")
    private Precision dtype = Precision.BF16;

    @Option(
            names = "--cases",
            defaultValue = "8",
            description = "Texts of each expert for the model, of 320 tokens (default: ${DEFAULT-VALUE}).")
    private int cases;

    @Option(names = "--layers", defaultValue = "28", description = "Layers (default: ${DEFAULT-VALUE}).")
    private int layers;

    @Option(names = "--experts", defaultValue = "4", description = "Experts (default: ${DEFAULT-VALUE}).")
    private int experts;

    @Option(names = "--rank", defaultValue = "16", description = "Rank of each (default: ${DEFAULT-VALUE}).")
    private int rank;

    @Option(
            names = "--rows",
            defaultValue = "1024",
            description = "Inputs of each expert and weight (default: ${DEFAULT-VALUE}).")
    private int rows;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli fills it
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (model == null) {
            ofRandomRows();
        } else {
            of(ModelDirectory.open(model));
        }
        return 0;
    }

    private void of(ModelDirectory directory) throws IOException, InterruptedException {
        MergeWorkload work = MergeWorkload.of(
                directory, new MergeWorkload.Size(experts, rank, cases, PROMPT_TOKENS, COMPLETION_TOKENS, rows), 1);
        try (MemoryWatch peak = MemoryWatch.start();
                Compute compute = new Compute(1);
                PolicyModel policy = PolicyModel.load(directory, compute, dtype)) {
            long start = System.nanoTime();
            ExpertMerge merged = compute.call(Compute.Urgency.EVALUATE, () -> work.merged(policy));
            PrintWriter out = spec.commandLine().getOut();
            out.printf(
                    Locale.ROOT,
                    "%d experts of rank %d, %d layers, %d texts each: rank %d in %.0f s; at most %.2f GB anonymous, %.2f GB by the"
                            + " formulas of consilium memory; %.1f GB of mapped files%n",
                    experts,
                    rank,
                    directory.config().layers(),
                    cases,
                    merged.agent(1).adapter().rank(),
                    (System.nanoTime() - start) / 1e9,
                    peak.peak(),
                    work.bytes(directory, dtype) / 1e9,
                    ProcessMemory.read().mapped());
            out.flush();
        }
    }

    private void ofRandomRows() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        List<Adapter> adapters = new ArrayList<>();
        for (int e = 0; e < experts; e++) {
            adapters.add(adapter(new SplittableRandom(e)));
        }
        double[] weights = new double[experts];
        Arrays.fill(weights, 1);
        ExpertMerge.Parents parents = new ExpertMerge.Parents(adapters, weights, null);
        try (Compute compute = new Compute(1);
                RandomRows activations = new RandomRows()) {
            long start = System.nanoTime();
            ExpertMerge merged = compute.call(
                    Compute.Urgency.EVALUATE,
                    () -> ExpertMerge.of(
                            parents, new MergeMethod.RegMean(1e-4), List.of(1.0), experts * rank, activations));
            out.printf(
                    Locale.ROOT,
                    "%d experts of rank %d, %d layers of %d/%d, %d inputs each: rank %d in %.0f s, at most %.1f GB resident%n",
                    experts,
                    rank,
                    layers,
                    shape().hidden(),
                    shape().intermediate(),
                    rows,
                    merged.agent(1).adapter().rank(),
                    (System.nanoTime() - start) / 1e9,
                    ProcessMemory.read().peak());
            out.flush();
        }
    }

    /** Qwen2.5-VL-7B, of so many layers. */
    private QwenConfig shape() {
        return PublishedShape.QWEN_7B.config(layers);
    }

    private Adapter adapter(SplittableRandom random) {
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        for (LoraTarget target : LoraTarget.all(shape())) {
            tensors.put(target.nameA(), tensor(random, rank, target.in()));
            tensors.put(target.nameB(), tensor(random, target.out(), rank));
        }
        return new Adapter(rank, rank, LoraTarget.PROJECTIONS, tensors);
    }

    private static HostTensor tensor(SplittableRandom random, int rows, int columns) {
        return new HostTensor(new long[] {rows, columns}, values(random, rows * columns));
    }

    private static float[] values(SplittableRandom random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextInt() * 0x1p-32f;
        }
        return values;
    }

    /** Inputs made when they are asked for, as a model makes them: one set for q, k and v, and one for gate and up. */
    private final class RandomRows implements Activations, AutoCloseable {
        private final SplittableRandom random = new SplittableRandom(1);
        private final ProgressLine progress =
                new ProgressLine(spec.commandLine().getErr(), ProgressLine.watched());
        private int layer;
        private Scope scope = Scope.open();
        private List<Tensor> made = List.of();

        @Override
        public List<Tensor> of(String module) {
            if (module.endsWith("q_proj")) {
                layer++;
                progress.show(() -> "layer %d of %d".formatted(layer, layers));
            }
            if (!module.endsWith("k_proj") && !module.endsWith("v_proj") && !module.endsWith("up_proj")) {
                scope.close();
                scope = Scope.open();
                int width = module.endsWith("down_proj") ? shape().intermediate() : shape().hidden();
                List<Tensor> all = new ArrayList<>();
                for (int e = 0; e < experts; e++) {
                    all.add(scope.floats(values(random, rows * width), rows, width));
                }
                made = all;
            }
            return made;
        }

        @Override
        public void close() {
            progress.end();
            scope.close();
        }
    }
}
