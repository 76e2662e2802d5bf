package ai.consilium.merger.merge;

import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/** What is too large for the JVM's own arithmetic at a real model's width: regmean.py, on float64 tensors. */
final class Linalg implements AutoCloseable {
    private final Scope scope = Scope.open();
    private final Script script = Script.load(scope, List.of("regmean.py"), new TreeMap<>());

    /** The inputs that were stacked last: several weights of a layer share them. */
    private @Nullable Inputs last;

    /**
     * The inputs of all experts under one another.
     *
     * @param rows what they were stacked from
     * @param z [Σ n, in] with zᵀ z = Σ G
     * @param epsilon ε, a scalar
     * @param factor Cholesky factor of z zᵀ + ε, or of zᵀ z + ε
     * @param weights whose mean is 1
     */
    record Inputs(List<Tensor> rows, Tensor z, Tensor epsilon, Tensor factor, Tensor weights, Scope scope) {
        long[] counts() {
            return rows.stream().mapToLong(x -> x.shape()[0]).toArray();
        }

        /** The same tensors, not equal ones. */
        @SuppressWarnings("ReferenceEquality")
        boolean of(List<Tensor> others) {
            return IntStream.range(0, rows.size()).allMatch(i -> rows.get(i) == others.get(i));
        }
    }

    /** Stacks them, unless it has just done so. @param weights whose mean is 1, the same at every call */
    Inputs inputs(List<Tensor> rows, double[] weights, double epsilon) {
        Inputs found = last;
        if (found != null && found.of(rows)) {
            return found;
        }
        release();
        Scope own = Scope.open();
        Tensor weighed = own.doubles(weights, weights.length);
        List<Tensor> stacked = script.call(own, "stack", rows, weighed, epsilon);
        Inputs inputs = new Inputs(List.copyOf(rows), stacked.get(0), stacked.get(1), stacked.get(2), weighed, own);
        last = inputs;
        return inputs;
    }

    /** Forgets the inputs that were stacked last. */
    void release() {
        if (last != null) {
            last.scope().close();
            last = null;
        }
    }

    /** A_s (G_s + ε w_s / S) (Σ G + ε)⁻¹ of each expert. */
    List<DMatrixRMaj> regMean(List<DMatrixRMaj> a, Inputs inputs, Scope own) {
        List<Tensor> factors = a.stream().map(one -> tensor(one, own)).toList();
        return script
                .call(
                        own,
                        "regmean",
                        factors,
                        inputs.z(),
                        inputs.epsilon(),
                        inputs.factor(),
                        inputs.counts(),
                        inputs.weights())
                .stream()
                .map(Linalg::matrix)
                .toList();
    }

    /** a (Σ G + ε) aᵀ. */
    DMatrixRMaj metric(DMatrixRMaj a, Inputs inputs, Scope own) {
        return matrix(script.call(own, "core", tensor(a, own), inputs.z(), inputs.epsilon())
                .get(0));
    }

    /** Of each expert ‖x (ΔW − ΔW_s)ᵀ‖ / ‖x ΔW_sᵀ‖ for its inputs x; NaN where it does nothing to them. */
    double[] interference(Factors agent, List<Factors> experts, Inputs inputs, Scope own) {
        return script.call(
                        own,
                        "interference",
                        inputs.z(),
                        experts.stream().map(one -> tensor(one.b(), own)).toList(),
                        experts.stream().map(one -> tensor(one.a(), own)).toList(),
                        tensor(agent.b(), own),
                        tensor(agent.a(), own),
                        inputs.counts())
                .get(0)
                .doubles();
    }

    /** Entries moved, entries moved both ways, Σ|Σ_t τ_t|, ΣΣ|τ_t|. */
    double[] opposition(List<Factors> updates, Scope own) {
        return script.call(
                        own,
                        "opposition",
                        updates.stream().map(update -> tensor(update.b(), own)).toList(),
                        updates.stream().map(update -> tensor(update.a(), own)).toList())
                .get(0)
                .doubles();
    }

    private static Tensor tensor(DMatrixRMaj matrix, Scope own) {
        return own.doubles(Arrays.copyOf(matrix.data, matrix.getNumElements()), matrix.numRows, matrix.numCols);
    }

    private static DMatrixRMaj matrix(Tensor tensor) {
        return DMatrixRMaj.wrap((int) tensor.shape()[0], (int) tensor.shape()[1], tensor.doubles());
    }

    @Override
    public void close() {
        release();
        scope.close();
    }
}
