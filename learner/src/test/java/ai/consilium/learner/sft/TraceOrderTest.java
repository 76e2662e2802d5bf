package ai.consilium.learner.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.learner.sft.Curriculum.Pick;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TraceOrderTest {
    private static final List<Case> CASES = Stream.of("pediatrics", "adult_medicine")
            .flatMap(specialty -> IntStream.range(0, 20).mapToObj(i -> of(specialty, i)))
            .toList();

    private static Case of(String specialty, int i) {
        return new Case(
                specialty + i,
                specialty,
                "film",
                List.of(),
                "?",
                new TreeMap<>(Map.of("A", "yes")),
                "A",
                Map.of(),
                null,
                Map.of(),
                "test");
    }

    @Test
    void givenFiveEpochsThenEveryTraceMeetsEveryPerspectiveOnce() {
        // given
        TraceOrder order = new TraceOrder(CASES, "pediatrics", Perspective.ALL, s -> 6, 0, 3);

        // when: 5 epochs of 6
        List<Pick> picks = IntStream.range(0, 10)
                .boxed()
                .flatMap(step -> order.batch(step, 3).stream())
                .toList();

        // then
        assertThat(picks).doesNotHaveDuplicates().hasSize(30);
        assertThat(picks.stream().map(Pick::perspective)).containsAll(Perspective.ALL);
        assertThat(picks.stream().map(Pick::of).collect(Collectors.toSet())).hasSize(6);
        assertThat(picks.stream().map(pick -> pick.of().specialty())).containsOnly("pediatrics");
    }

    @Test
    void givenASeedThenTheOrderDependsOnItAlone() {
        List<Pick> once = new TraceOrder(CASES, "pediatrics", Perspective.ALL, s -> 6, 0.3, 3).batch(7, 16);

        assertThat(new TraceOrder(CASES, "pediatrics", Perspective.ALL, s -> 6, 0.3, 3).batch(7, 16))
                .isEqualTo(once);
        assertThat(new TraceOrder(CASES, "pediatrics", Perspective.ALL, s -> 6, 0.3, 4).batch(7, 16))
                .isNotEqualTo(once);
    }

    @Test
    void givenReplayThenItDrawsFromTheTracesOfAllSpecialties() {
        // given
        TraceOrder order = new TraceOrder(CASES, "pediatrics", Perspective.ALL, s -> 5, 0.25, 3);

        // when
        List<Pick> picks = IntStream.range(0, 100)
                .boxed()
                .flatMap(step -> order.batch(step, 20).stream())
                .toList();

        // then about an eighth is of the other specialty, out of its five traces
        Set<Case> others = picks.stream()
                .map(Pick::of)
                .filter(c -> c.specialty().equals("adult_medicine"))
                .collect(Collectors.toSet());
        long count = picks.stream().filter(pick -> others.contains(pick.of())).count();
        assertThat(others).hasSize(5);
        assertThat(count).isBetween(180L, 330L);
    }

    @Test
    void givenASharedBatchThenItHoldsTheSpecialtiesOwnTracesInEqualShares() {
        // given
        TraceOrder pediatrics = new TraceOrder(CASES, "pediatrics", Perspective.ALL, s -> 4, 0, 3);
        TraceOrder adults = new TraceOrder(CASES, "adult_medicine", Perspective.ALL, s -> 4, 0, 3);
        Curriculum shared = Curriculum.together(List.of(pediatrics, adults));

        // when
        List<Pick> batch = shared.batch(2, 7);

        // then
        assertThat(batch).hasSize(7);
        assertThat(batch.subList(0, 4)).isEqualTo(pediatrics.batch(2, 4));
        assertThat(batch.subList(4, 7)).isEqualTo(adults.batch(2, 3));
        assertThat(shared.traces()).isEqualTo(8);
    }

    @Test
    void givenFewerCasesThanTracesThenAllAreTaken() {
        assertThat(new TraceOrder(CASES, "pediatrics", Perspective.ALL, s -> 99, 0, 3).traces())
                .isEqualTo(20);
    }

    @Test
    void givenASpecialtyWithoutCasesThenItIsRefusedByName() {
        assertThatThrownBy(() -> new TraceOrder(CASES, "oncology_surgery", Perspective.ALL, s -> 6, 0, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("oncology_surgery");
    }
}
