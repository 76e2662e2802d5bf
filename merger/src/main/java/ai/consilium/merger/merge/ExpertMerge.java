package ai.consilium.merger.merge;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;

/**
 * Merges adapters on their weight updates ΔW = (alpha / rank) · B · A, one weight at a time, never on A and B apart: the
 * product of two sums would add cross terms that no expert learnt. Runs on a compute thread.
 *
 * @param weights by name in PEFT's spelling, without the lora suffix
 * @param targets of the agent
 */
public record ExpertMerge(SortedMap<String, MergedWeight> weights, List<String> targets) {
    /** Truncation is weighted by inputs as RegMean regularises them. */
    private static final double EPSILON = 1e-4;

    /**
     * What is merged. Ranks, alphas and targets may differ.
     *
     * @param experts over the same base
     * @param weights one per expert, none negative, not all 0; an expert of weight 0 has no part
     * @param shared what all experts started from, or null for the base
     */
    public record Parents(
            List<Adapter> experts,
            double[] weights,
            @Nullable Adapter shared) {
        /** Checks the weights. */
        public Parents {
            if (experts.isEmpty() || experts.size() != weights.length) {
                throw new IllegalArgumentException(
                        "%d experts with %d weights".formatted(experts.size(), weights.length));
            }
            if (Arrays.stream(weights).anyMatch(weight -> !(weight >= 0))
                    || !(Arrays.stream(weights).sum() > 0)) {
                throw new IllegalArgumentException(
                        "weights of the experts must not be negative, and not all 0: " + Arrays.toString(weights));
            }
        }
    }

    /**
     * An adapter made of the merge.
     *
     * @param adapter scale 1 (alpha = rank)
     * @param relativeError of the truncation, mean over the weights
     */
    public record Agent(Adapter adapter, double relativeError) {}

    /**
     * Merges experts.
     *
     * @param activations of the experts; null where the method needs none, and then truncation is unweighted
     * @throws IllegalArgumentException when they do not fit together, naming the weight
     */
    public static ExpertMerge of(Parents parents, MergeMethod method, int rank, @Nullable Activations activations) {
        SortedMap<String, MergedWeight> merged = new TreeMap<>();
        try (Linalg linalg = new Linalg()) {
            for (String module : inLayerOrder(parents.experts())) {
                try (Scope scope = Scope.open()) {
                    Updates updates = Updates.of(parents, module);
                    List<Tensor> inputs = activations == null ? List.of() : updates.present(activations.of(module));
                    merged.put(module, new WeightMerge(linalg, method, rank, scope).merge(module, updates, inputs));
                }
            }
        }
        List<String> targets = parents.experts().stream()
                .flatMap(expert -> expert.targets().stream())
                .distinct()
                .toList();
        return new ExpertMerge(merged, targets);
    }

    /** Numbers in names count: layer 2 comes before layer 10. */
    private static List<String> inLayerOrder(List<Adapter> experts) {
        return experts.stream()
                .flatMap(expert -> Factors.modules(expert).stream())
                .distinct()
                .sorted(java.util.Comparator.comparingInt(ExpertMerge::layer).thenComparing(name -> name))
                .toList();
    }

    private static int layer(String module) {
        String[] parts = module.split("\\.");
        for (int i = 0; i + 1 < parts.length; i++) {
            if (parts[i].equals("layers")) {
                return Integer.parseInt(parts[i + 1]);
            }
        }
        return -1;
    }

    /**
     * The agent whose update beyond the shared start is multiplied by λ.
     *
     * @param rank most of the adapter; a lower rank than the exact one is truncated
     */
    public Agent agent(double lambda, int rank) {
        SortedMap<String, Truncation> truncated = new TreeMap<>();
        weights.forEach((module, weight) -> truncated.put(module, weight.at(lambda, rank)));
        int common = truncated.values().stream()
                .mapToInt(one -> one.factors().rank())
                .max()
                .orElse(1);
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        truncated.forEach((module, one) -> {
            tensors.put(module + Factors.A, tensor(one.factors().a(), common, -1));
            tensors.put(module + Factors.B, tensor(one.factors().b(), -1, common));
        });
        double error = truncated.values().stream()
                .mapToDouble(Truncation::relativeError)
                .average()
                .orElse(0);
        return new Agent(new Adapter(common, common, targets, tensors), error);
    }

    /** Means over the weights, by the names that the events and the update carry. */
    public Map<String, Double> figures() {
        SortedMap<String, Double> figures = new TreeMap<>();
        figures.put("merge/sign_conflict_rate", mean(weight -> weight.conflict().signConflictRate()));
        figures.put("merge/cancelled_mass", mean(weight -> weight.conflict().cancelledMass()));
        figures.put("merge/pairwise_cosine", mean(weight -> weight.conflict().meanCosine()));
        double interference = mean(MergedWeight::interference);
        if (!Double.isNaN(interference)) {
            figures.put("merge/activation_interference", interference);
        }
        return figures;
    }

    private double mean(ToDoubleFunction<MergedWeight> figure) {
        return weights.values().stream().mapToDouble(figure).average().orElse(0);
    }

    /** Padded with zeros to as many rows or columns; -1 leaves them. */
    private static HostTensor tensor(DMatrixRMaj matrix, int rows, int columns) {
        DMatrixRMaj padded = new DMatrixRMaj(Math.max(rows, matrix.numRows), Math.max(columns, matrix.numCols));
        CommonOps_DDRM.insert(matrix, padded, 0, 0);
        float[] values = new float[padded.getNumElements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) padded.get(i);
        }
        return new HostTensor(new long[] {padded.numRows, padded.numCols}, values);
    }

    /**
     * What experts of some weight do to one weight of the model.
     *
     * @param experts their updates, zero where they do not touch it
     * @param weights of these
     * @param taking which of all parents they are
     */
    record Updates(List<Factors> experts, double[] weights, Optional<Factors> shared, List<Integer> taking) {
        static Updates of(Parents parents, String module) {
            List<Integer> taking = new ArrayList<>();
            List<Optional<Factors>> found = new ArrayList<>();
            for (int i = 0; i < parents.weights().length; i++) {
                if (parents.weights()[i] > 0) {
                    taking.add(i);
                    found.add(in(parents.experts().get(i), module));
                }
            }
            Optional<Factors> shared = parents.shared() == null ? Optional.empty() : in(parents.shared(), module);
            Factors some = found.stream()
                    .flatMap(Optional::stream)
                    .findFirst()
                    .or(() -> shared)
                    .orElseGet(() -> in(parents.experts(), module));
            List<Factors> experts =
                    found.stream().map(one -> one.orElseGet(some::zero)).toList();
            for (Factors expert : experts) {
                if (!expert.hasShapeOf(some) || !shared.map(some::hasShapeOf).orElse(true)) {
                    throw new IllegalArgumentException("experts disagree on the shape of " + module);
                }
            }
            return new Updates(
                    experts,
                    taking.stream().mapToDouble(i -> parents.weights()[i]).toArray(),
                    shared,
                    taking);
        }

        private static Optional<Factors> in(Adapter adapter, String module) {
            return adapter.tensors().containsKey(module + Factors.A)
                    ? Optional.of(Factors.of(adapter, module))
                    : Optional.empty();
        }

        private static Factors in(List<Adapter> adapters, String module) {
            return adapters.stream()
                    .flatMap(adapter -> in(adapter, module).stream())
                    .findFirst()
                    .orElseThrow()
                    .zero();
        }

        /** Of the parents' own, those of the experts that take part. */
        List<Tensor> present(List<Tensor> all) {
            return taking.stream().map(all::get).toList();
        }

        /** What each learnt beyond the shared start. */
        List<Factors> learnt() {
            return experts.stream()
                    .map(expert -> shared.map(start -> Factors.sum(List.of(expert, start.times(-1))))
                            .orElse(expert))
                    .toList();
        }
    }

    static double epsilonOf(MergeMethod method) {
        return method instanceof MergeMethod.RegMean regMean ? regMean.epsilon() : EPSILON;
    }
}
