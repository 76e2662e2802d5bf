package ai.consilium.merger.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;

class ConflictTest {
    /** Of dense updates: the identity is their second factor. */
    private static Conflict conflict(DMatrixRMaj... updates) {
        try (Linalg linalg = new Linalg()) {
            return Conflict.of(
                    Arrays.stream(updates)
                            .map(one -> new Factors(one, CommonOps_DDRM.identity(one.numCols)))
                            .toList(),
                    linalg);
        }
    }

    @Test
    void givenOpposedUpdatesThenTheirEntriesAndWhatAdditionLosesAreCounted() {
        // given: one entry opposed, one shared, one of a single expert, one of nobody
        DMatrixRMaj left = DMatrixRMaj.wrap(2, 2, new double[] {3, 1, 2, 0});
        DMatrixRMaj right = DMatrixRMaj.wrap(2, 2, new double[] {-1, 1, 0, 0});

        // when
        Conflict conflict = conflict(left, right);

        // then: 1 of 3 moved entries; 1 - (2 + 2 + 2) / (4 + 2 + 2); (-3 + 1) / (sqrt 14 sqrt 2)
        assertThat(conflict.signConflictRate()).isCloseTo(1.0 / 3, within(1e-15));
        assertThat(conflict.cancelledMass()).isCloseTo(0.25, within(1e-15));
        assertThat(conflict.meanCosine()).isCloseTo(-2 / Math.sqrt(28), within(1e-15));
    }

    @Test
    void givenUpdatesThatAnswerToOtherInputsThenTheyOverlapWhereTheyWriteToTheSameOutputs() {
        // given: each moves one output; which, and by which input, differs
        DMatrixRMaj update = DMatrixRMaj.wrap(2, 2, new double[] {3, 0, 0, 0});
        DMatrixRMaj otherInput = DMatrixRMaj.wrap(2, 2, new double[] {0, -5, 0, 0});
        DMatrixRMaj otherOutput = DMatrixRMaj.wrap(2, 2, new double[] {0, 0, 3, 0});

        // then
        assertThat(conflict(update, otherInput).meanCosine()).isZero();
        assertThat(conflict(update, otherInput).meanOverlap()).isCloseTo(1, within(1e-15));
        assertThat(conflict(update, otherOutput).meanOverlap()).isZero();
    }

    @Test
    void givenUntouchedWeightsThenThereIsNoConflict() {
        DMatrixRMaj nothing = DMatrixRMaj.wrap(1, 2, new double[2]);

        assertThat(conflict(nothing, nothing)).isEqualTo(new Conflict(0, 0, 0, 0));
    }
}
