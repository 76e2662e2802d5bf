package ai.consilium.merger.merge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;

class EntryRuleTest {
    private static DMatrixRMaj row(double... values) {
        return DMatrixRMaj.wrap(1, values.length, values);
    }

    @Test
    void givenOpposedUpdatesWhenMergedByTiesThenTheLargestElectTheSignAndThoseThatAgreeAreAveraged() {
        // given: at density 0.5 each keeps two of four: (4 . -3 .) (2 . . -1) (. . 5 -2)
        List<DMatrixRMaj> experts = List.of(row(4, 1, -3, 0.5), row(2, 0.1, 0.2, -1), row(0.3, 0.4, 5, -2));

        // when
        DMatrixRMaj merged = new EntryRule.Ties(0.5).merge(experts, new double[] {1, 1, 1}, "w");

        // then: mean of 4 and 2; nobody; +5 beats -3; mean of -1 and -2
        assertThat(merged.data).containsExactly(3, 0, 5, -1.5);
    }

    @Test
    void givenWeightsWhenMergedByTiesThenSignsComeFirstAndTheCountDividesAsInPeft() {
        // given: unweighted sum is +1, although the weighted sum would be negative
        List<DMatrixRMaj> experts = List.of(row(3), row(-2), row(2), row(-2));

        // when
        DMatrixRMaj merged = new EntryRule.Ties(1).merge(experts, new double[] {0.5, 5, 2, 5}, "w");

        // then: (0.5 * 3 + 2 * 2) / 2
        assertThat(merged.data).containsExactly(2.75);
    }

    @Test
    void givenASumOfZeroWhenMergedByTiesThenPlusIsElected() {
        DMatrixRMaj merged = new EntryRule.Ties(1).merge(List.of(row(2, 0), row(-2, 0)), new double[] {1, 1}, "w");

        assertThat(merged.data).containsExactly(2, 0);
    }

    @Test
    void givenEqualMagnitudesWhenMergedByTiesThenExactlyTheAskedShareIsKept() {
        DMatrixRMaj merged = new EntryRule.Ties(0.5).merge(List.of(row(1, -1, 1, -1)), new double[] {1}, "w");

        assertThat(merged.data).containsExactly(1, -1, 0, 0);
    }
}
