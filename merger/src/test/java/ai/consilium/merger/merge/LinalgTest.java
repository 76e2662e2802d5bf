package ai.consilium.merger.merge;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinalgTest {
    private static final long SEED = 7;
    private static final int RANK = 2;
    private static final double EPSILON = 1e-4;
    private static final int[] ROWS = {300, 713, 500};
    private static final double[] WEIGHTS = {0.5, 1.5, 1};

    /** Wider than two thirds of the rows and narrower, and in both cases more than one block of a matrix. */
    @ParameterizedTest
    @ValueSource(ints = {1100, 700})
    void givenMoreInputsThanABlockHoldsThenTheMergedUpdatesAreThoseOfTheDenseFormula(int width) {
        Random random = new Random(SEED);
        List<DMatrixRMaj> inputs = new ArrayList<>();
        List<DMatrixRMaj> a = new ArrayList<>();
        for (int rows : ROWS) {
            inputs.add(RandomMatrices_DDRM.rectangle(rows, width, -1, 1, random));
            a.add(RandomMatrices_DDRM.rectangle(RANK, width, -1, 1, random));
        }
        List<DMatrixRMaj> expected = dense(inputs, a);
        try (Scope scope = Scope.open();
                Linalg linalg = new Linalg()) {
            List<Tensor> rows = inputs.stream()
                    .map(x -> scope.doubles(x.data, x.numRows, x.numCols))
                    .toList();
            List<DMatrixRMaj> merged = linalg.regMean(a, linalg.inputs(rows, WEIGHTS, EPSILON), scope);
            for (int s = 0; s < a.size(); s++) {
                double norm = NormOps_DDRM.normF(expected.get(s));
                CommonOps_DDRM.subtractEquals(merged.get(s), expected.get(s));
                assertThat(NormOps_DDRM.normF(merged.get(s)) / norm)
                        .as("expert %d of seed %d", s, SEED)
                        .isLessThan(1e-9);
            }
        }
    }

    /** A_s (G_s + ε w_s / S) (Σ G + ε)⁻¹ with matrices of [width, width]. */
    private static List<DMatrixRMaj> dense(List<DMatrixRMaj> inputs, List<DMatrixRMaj> a) {
        int width = a.get(0).numCols;
        DMatrixRMaj sum = new DMatrixRMaj(width, width);
        List<DMatrixRMaj> products = new ArrayList<>();
        for (int s = 0; s < inputs.size(); s++) {
            DMatrixRMaj x = inputs.get(s);
            DMatrixRMaj product = CommonOps_DDRM.multTransA(x, x, null);
            CommonOps_DDRM.scale(WEIGHTS[s] / Math.pow(NormOps_DDRM.normF(x), 2), product);
            CommonOps_DDRM.addEquals(sum, product);
            products.add(product);
        }
        double epsilon = EPSILON * CommonOps_DDRM.trace(sum) / width;
        CommonOps_DDRM.addEquals(sum, epsilon, CommonOps_DDRM.identity(width));
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(width);
        assertThat(solver.setA(sum)).isTrue();
        List<DMatrixRMaj> merged = new ArrayList<>();
        for (int s = 0; s < inputs.size(); s++) {
            DMatrixRMaj own = products.get(s);
            CommonOps_DDRM.addEquals(own, epsilon * WEIGHTS[s] / inputs.size(), CommonOps_DDRM.identity(width));
            DMatrixRMaj solved = new DMatrixRMaj(width, RANK);
            solver.solve(CommonOps_DDRM.multTransB(own, a.get(s), null), solved);
            merged.add(CommonOps_DDRM.transpose(solved, null));
        }
        return merged;
    }
}
