package ai.consilium.benchmarks.model;

import ai.consilium.cli.memory.RunMemory;
import ai.consilium.merger.merge.ExpertMerge;
import ai.consilium.merger.merge.MergeMethod;
import ai.consilium.policy.activation.ModuleInputs;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.memory.AdapterMemory;
import ai.consilium.policy.memory.MergeMemory;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.WeightBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Experts of a model, and the texts that each is looked at on, made from a seed.
 *
 * @param texts of each expert
 */
public record MergeWorkload(Size size, List<Adapter> experts, List<List<ModuleInputs.Text>> texts) {
    private static final double EPSILON = 1e-4;

    /**
     * Its size.
     *
     * @param rank of an expert's adapter
     * @param cases of each expert
     * @param promptTokens of a case, an image's included
     * @param completionTokens that follow
     * @param tokens of each expert that are looked at, at most
     */
    public record Size(int experts, int rank, int cases, int promptTokens, int completionTokens, int tokens) {}

    /** A workload for a model. */
    public static MergeWorkload of(ModelDirectory model, Size size, long seed) {
        Random random = new Random(seed);
        List<Adapter> experts = IntStream.range(0, size.experts())
                .mapToObj(e -> RandomInputs.adapter(model, size.rank(), seed + e))
                .toList();
        List<List<ModuleInputs.Text>> texts = experts.stream()
                .map(expert -> Stream.generate(() -> text(model, size, random))
                        .limit(size.cases())
                        .toList())
                .toList();
        return new MergeWorkload(size, experts, texts);
    }

    private static ModuleInputs.Text text(ModelDirectory model, Size size, Random random) {
        return new ModuleInputs.Text(
                RandomInputs.prompt(model, size.promptTokens(), random),
                RandomInputs.words(model, size.completionTokens(), random));
    }

    /** One agent, by RegMean and without a loss of rank. Call on a compute thread. */
    public ExpertMerge merged(PolicyModel model) {
        Map<String, LoraTarget> targets = new HashMap<>();
        for (LoraTarget target : LoraTarget.all(model.config())) {
            targets.put("base_model.model." + target.module(), target);
        }
        double[] weights = new double[experts.size()];
        Arrays.fill(weights, 1);
        List<ModuleInputs> inputs = new ArrayList<>();
        try {
            for (int e = 0; e < experts.size(); e++) {
                inputs.add(new ModuleInputs(model, experts.get(e), texts.get(e), size.tokens(), e));
            }
            return ExpertMerge.of(
                    new ExpertMerge.Parents(experts, weights, null),
                    new MergeMethod.RegMean(EPSILON),
                    List.of(1.0),
                    size.experts() * size.rank(),
                    module -> inputs.stream()
                            .map(expert -> expert.of(Objects.requireNonNull(targets.get(module))))
                            .toList());
        } finally {
            inputs.forEach(ModuleInputs::close);
        }
    }

    /** Anonymous bytes at the peak, by the formulas behind {@code consilium memory}. */
    public long bytes(ModelDirectory model, Precision precision) {
        MergeMemory merge = new MergeMemory(model.config(), precision, size.experts(), size.cases(), size.tokens());
        int tokens = size.promptTokens() + size.completionTokens();
        return WeightBytes.of(model, precision).copied()
                + RunMemory.heapAndLibraries()
                + merge.stateBytes(tokens)
                + merge.inputBytes(tokens)
                + merge.adapterBytes(new AdapterMemory(model.config(), size.rank(), LoraTarget.PROJECTIONS))
                + merge.workBytes(size.promptTokens(), size.completionTokens());
    }
}
