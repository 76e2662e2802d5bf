package ai.consilium.merger.merge;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.HostTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Merges adapters on their weight updates ΔW = (alpha / rank) · B · A, one weight at a time, never on A and B apart: the
 * product of two sums would add cross terms that no expert learnt.
 */
public final class TaskVectorMerge {
    static final String A = ".lora_A.weight";
    static final String B = ".lora_B.weight";

    /**
     * What one weight went through.
     *
     * @param conflict before merging
     * @param relativeError of the re-factorisation
     */
    record ModuleReport(Conflict conflict, double relativeError) {}

    /**
     * The merged adapter at λ = 1, and what happened on the way.
     *
     * @param adapter scale 1 (alpha = rank)
     * @param modules by weight name in PEFT's spelling, without the lora suffix
     */
    public record Merged(Adapter adapter, SortedMap<String, ModuleReport> modules) {
        /** The same agent with its update multiplied by λ: every rule is linear in it. */
        public Adapter scaled(double lambda) {
            SortedMap<String, HostTensor> tensors = new TreeMap<>(adapter.tensors());
            tensors.replaceAll((name, tensor) -> name.endsWith(B) ? times(lambda, tensor) : tensor);
            return new Adapter(adapter.rank(), adapter.alpha(), adapter.targets(), tensors);
        }

        /** Means over the weights, by the names that the events and the update carry. */
        public Map<String, Double> figures() {
            return Map.of(
                    "merge/sign_conflict_rate", mean(report -> report.conflict().signConflictRate()),
                    "merge/cancelled_mass", mean(report -> report.conflict().cancelledMass()),
                    "merge/pairwise_cosine", mean(report -> report.conflict().meanCosine()),
                    "merge/relative_error", mean(ModuleReport::relativeError));
        }

        private double mean(java.util.function.ToDoubleFunction<ModuleReport> figure) {
            return modules.values().stream().mapToDouble(figure).average().orElse(0);
        }

        private static HostTensor times(double factor, HostTensor tensor) {
            float[] values = new float[tensor.values().length];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (factor * tensor.values()[i]);
            }
            return new HostTensor(tensor.shape(), values);
        }
    }

    /**
     * Merges experts over the same base.
     *
     * @param experts same targets and weight shapes; ranks and alphas may differ
     * @param weights one per expert, not all 0
     * @param rank of the result
     * @throws IllegalArgumentException when they do not fit together, naming the weight
     */
    public static Merged merge(List<Adapter> experts, double[] weights, MergeRule rule, int rank) {
        if (experts.isEmpty() || experts.size() != weights.length) {
            throw new IllegalArgumentException("%d experts with %d weights".formatted(experts.size(), weights.length));
        }
        double total = 0;
        for (double weight : weights) {
            total += weight;
        }
        if (!(total > 0)) {
            throw new IllegalArgumentException("weights of the experts add up to " + total);
        }
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        SortedMap<String, ModuleReport> reports = new TreeMap<>();
        for (String module : modules(experts.get(0))) {
            List<DMatrixRMaj> deltas =
                    experts.stream().map(expert -> delta(expert, module)).toList();
            requireSameShape(module, deltas);
            LowRank factors = LowRank.of(rule.merge(deltas, weights), rank);
            tensors.put(module + A, tensor(factors.a()));
            tensors.put(module + B, tensor(factors.b()));
            reports.put(module, new ModuleReport(Conflict.of(deltas), factors.relativeError()));
        }
        for (Adapter expert : experts) {
            if (expert.tensors().size() != tensors.size()) {
                throw new IllegalArgumentException("experts update different weights: %s and %s"
                        .formatted(modules(experts.get(0)), modules(expert)));
            }
        }
        return new Merged(new Adapter(rank, rank, experts.get(0).targets(), tensors), reports);
    }

    /** ΔW [out, in] of one weight of an expert. */
    public static DMatrixRMaj delta(Adapter expert, String module) {
        HostTensor a = expert.tensors().get(module + A);
        HostTensor b = expert.tensors().get(module + B);
        if (a == null || b == null) {
            throw new IllegalArgumentException("an expert does not update " + module);
        }
        if (b.shape()[1] != a.shape()[0]) {
            throw new IllegalArgumentException("factors of " + module + " do not fit together: " + b.shape()[1]
                    + " columns and " + a.shape()[0] + " rows");
        }
        return CommonOps_DDRM.mult(matrix(expert.scale(), b), matrix(1, a), null);
    }

    private static List<String> modules(Adapter adapter) {
        List<String> modules = new ArrayList<>();
        for (String name : adapter.tensors().keySet()) {
            if (name.endsWith(A)) {
                modules.add(name.substring(0, name.length() - A.length()));
            }
        }
        return modules;
    }

    private static void requireSameShape(String module, List<DMatrixRMaj> deltas) {
        DMatrixRMaj first = deltas.get(0);
        for (DMatrixRMaj delta : deltas) {
            if (delta.numRows != first.numRows || delta.numCols != first.numCols) {
                throw new IllegalArgumentException("experts disagree on the shape of " + module);
            }
        }
    }

    private static DMatrixRMaj matrix(double scale, HostTensor tensor) {
        DMatrixRMaj matrix = new DMatrixRMaj(Math.toIntExact(tensor.shape()[0]), Math.toIntExact(tensor.shape()[1]));
        for (int i = 0; i < tensor.values().length; i++) {
            matrix.set(i, scale * tensor.values()[i]);
        }
        return matrix;
    }

    private static HostTensor tensor(DMatrixRMaj matrix) {
        float[] values = new float[matrix.getNumElements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) matrix.get(i);
        }
        return new HostTensor(new long[] {matrix.numRows, matrix.numCols}, values);
    }

    private TaskVectorMerge() {}
}
