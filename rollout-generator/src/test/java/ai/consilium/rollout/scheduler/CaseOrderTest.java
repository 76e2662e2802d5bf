package ai.consilium.rollout.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CaseOrderTest {
    @Property(tries = 100)
    void givenAnyEpochThenItShowsEachCaseOnce(@ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int size) {
        List<String> cases = cases(size);
        CaseOrder order = new CaseOrder(seed, "pediatrics", cases);

        for (long epoch = 0; epoch < 3; epoch++) {
            assertThat(ids(order, epoch * size, size)).containsExactlyInAnyOrderElementsOf(cases);
        }
    }

    @Test
    void givenARestartWhenAskedForAnyNumberThenTheCaseIsTheSame() {
        CaseOrder first = new CaseOrder(5, "pediatrics", cases(30));
        List<String> whole = ids(first, 0, 100);

        CaseOrder restarted = new CaseOrder(5, "pediatrics", cases(30));

        assertThat(ids(restarted, 47, 53)).isEqualTo(whole.subList(47, 100));
        assertThat(first.caseId(3)).isEqualTo(whole.get(3));
    }

    @Test
    void givenAnotherSeedSpecialtyOrEpochWhenShuffledThenTheOrderDiffers() {
        CaseOrder order = new CaseOrder(5, "pediatrics", cases(30));
        List<String> epoch = ids(order, 0, 30);

        assertThat(ids(order, 30, 30)).isNotEqualTo(epoch);
        assertThat(ids(new CaseOrder(6, "pediatrics", cases(30)), 0, 30)).isNotEqualTo(epoch);
        assertThat(ids(new CaseOrder(5, "adult_medicine", cases(30)), 0, 30)).isNotEqualTo(epoch);
    }

    private static List<String> cases(int size) {
        return IntStream.range(0, size).mapToObj(i -> "case-" + i).toList();
    }

    private static List<String> ids(CaseOrder order, long from, int count) {
        return LongStream.range(from, from + count).mapToObj(order::caseId).toList();
    }
}
