package ai.consilium.merger.merge;

import ai.consilium.merger.merge.ExpertMerge.Updates;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;

/** Merges one weight. @param rank of the agent, for methods whose result has no low rank by itself */
record WeightMerge(Linalg linalg, MergeMethod method, int rank, Scope scope) {

    /** The merged update, and how much of the shared start is in it. */
    private record Result(Factors merged, double mass) {}

    /** @param inputs rows of each expert, or none */
    MergedWeight merge(String module, Updates updates, List<Tensor> inputs) {
        Linalg.@Nullable Inputs stacked = inputs.isEmpty()
                ? null
                : linalg.inputs(inputs, evenly(updates.weights()), ExpertMerge.epsilonOf(method));
        Result result = result(module, updates, stacked);
        DMatrixRMaj rows = Stream.concat(Stream.of(result.merged()), updates.shared().stream())
                .map(Factors::a)
                .reduce(WeightMerge::below)
                .orElseThrow();
        DMatrixRMaj metric =
                stacked == null ? CommonOps_DDRM.multTransB(rows, rows, null) : linalg.metric(rows, stacked, scope);
        MergedWeight merged = new MergedWeight(
                result.merged(),
                result.mass(),
                updates.shared(),
                metric,
                Conflict.of(updates.learnt(), linalg),
                List.of());
        return stacked == null
                ? merged
                : merged.withInterference(
                        Arrays.stream(linalg.interference(merged.exact(1), updates.experts(), stacked, scope))
                                .boxed()
                                .toList());
    }

    private Result result(String module, Updates updates, Linalg.@Nullable Inputs inputs) {
        double[] weights = updates.weights();
        if (method instanceof MergeMethod.Average) {
            double total = Arrays.stream(weights).sum();
            return new Result(weighted(updates.experts(), weights, total), 1);
        } else if (method instanceof MergeMethod.TaskArithmetic) {
            return new Result(
                    weighted(updates.experts(), weights, 1),
                    Arrays.stream(weights).sum());
        } else if (method instanceof MergeMethod.RegMean) {
            if (inputs == null) {
                throw new IllegalArgumentException("regmean needs what the experts' linear maps are given");
            }
            return new Result(regMean(updates.experts(), inputs), 1);
        }
        List<DMatrixRMaj> deltas = updates.learnt().stream().map(Factors::dense).toList();
        DMatrixRMaj entries = ((MergeMethod.Entries) method).rule().merge(deltas, weights, module);
        int own = rank - updates.shared().map(Factors::rank).orElse(0);
        return new Result(Sketch.of(entries, Math.max(1, own)), 0);
    }

    private static Factors weighted(List<Factors> updates, double[] weights, double by) {
        List<Factors> parts = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            parts.add(updates.get(i).times(weights[i] / by));
        }
        return Factors.sum(parts);
    }

    private Factors regMean(List<Factors> updates, Linalg.Inputs inputs) {
        List<DMatrixRMaj> a = linalg.regMean(updates.stream().map(Factors::a).toList(), inputs, scope);
        List<Factors> parts = new ArrayList<>();
        for (int i = 0; i < a.size(); i++) {
            parts.add(new Factors(updates.get(i).b(), a.get(i)));
        }
        return Factors.sum(parts);
    }

    /** Weights whose mean is 1. */
    private static double[] evenly(double[] weights) {
        double mean = Arrays.stream(weights).average().orElse(1);
        return Arrays.stream(weights).map(weight -> weight / mean).toArray();
    }

    private static DMatrixRMaj below(DMatrixRMaj first, DMatrixRMaj second) {
        return CommonOps_DDRM.concatRowsMulti(first, second);
    }
}
