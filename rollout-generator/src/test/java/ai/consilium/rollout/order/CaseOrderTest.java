package ai.consilium.rollout.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
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

    @Property(tries = 200)
    void givenCasesComeWithARoundThenTheEpochGoesOnWithThemOneByOneAndNoneIsDrawnTwice(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 30) int size,
            @ForAll @IntRange(min = 1, max = 30) int more,
            @ForAll @IntRange(min = 0, max = 70) int drawn) {
        CaseOrder order = new CaseOrder(seed, "pediatrics", cases(size));
        List<String> before = draw(order, 0, drawn);

        order.from(1, CaseDeck.of(cases(size + more)));
        int left = size - drawn % size;
        List<String> rest = draw(order, 1, left + more);
        List<String> next = draw(order, 1, size + more);

        assertThat(before).isEqualTo(ids(new CaseOrder(seed, "pediatrics", cases(size)), 0, drawn));
        List<String> epoch = new ArrayList<>(before.subList(drawn - drawn % size, drawn));
        epoch.addAll(rest);
        assertThat(epoch).containsExactlyInAnyOrderElementsOf(cases(size + more));
        assertThat(next).containsExactlyInAnyOrderElementsOf(cases(size + more));
        List<String> added = cases(size + more).subList(size, size + more);
        for (int i = 0; i < Math.min(more, left); i++) {
            assertThat(added).contains(rest.get(2 * i));
            assertThat(added).doesNotContain(rest.get(2 * i + 1));
        }
        assertThat(order.epoch(drawn)).isEqualTo(drawn / size);
        assertThat(order.epoch(drawn + left + more)).isEqualTo(drawn / size + 1L);
    }

    /** A restart reads prompts in any order, and draws what the same scheduler would have drawn. */
    @Property(tries = 200)
    void givenRoundsWithMoreCasesWhenRestartedThenTheOrderIsTheSame(
            @ForAll long seed, @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 0, max = 25) Integer> rounds) {
        CaseOrder live = new CaseOrder(seed, "pediatrics", cases(10));
        CaseOrder restarted = new CaseOrder(seed, "pediatrics", cases(10));
        List<long[]> places = new ArrayList<>();
        for (int round = 0; round < rounds.size(); round++) {
            if (round % 2 == 1) {
                live.from(round, CaseDeck.of(cases(10 + 7 * round)));
                restarted.from(round, CaseDeck.of(cases(10 + 7 * round)));
            }
            for (int i = 0; i < rounds.get(round); i++) {
                long n = live.next(round);
                live.drawn(round, n);
                places.add(new long[] {round, n});
            }
        }

        Collections.shuffle(places, new Random(seed));
        places.forEach(place -> restarted.drawn((int) place[0], place[1]));

        assertThat(draw(restarted, rounds.size(), 120)).isEqualTo(draw(live, rounds.size(), 120));
    }

    private static List<String> draw(CaseOrder order, int round, int count) {
        List<String> drawn = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long n = order.next(round);
            order.drawn(round, n);
            drawn.add(order.caseId(n));
        }
        return drawn;
    }

    private static List<String> cases(int size) {
        return IntStream.range(0, size).mapToObj(i -> "case-" + i).toList();
    }

    private static List<String> ids(CaseOrder order, long from, int count) {
        return LongStream.range(from, from + count).mapToObj(order::caseId).toList();
    }
}
