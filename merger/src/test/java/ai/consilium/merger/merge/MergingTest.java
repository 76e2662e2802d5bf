package ai.consilium.merger.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.merger.gate.Gate;
import ai.consilium.merger.merge.TaskVectorMerge.Merged;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MergingTest {
    private static final double[] EVEN = {1, 1};

    private static double error(Merged merged, String module) {
        return Objects.requireNonNull(merged.modules().get(module)).relativeError();
    }

    @Test
    void givenExpertsWhenAveragedThenItIsTheUpdatesAndNotTheirFactors() {
        // given experts of different rank and scale
        Adapter left = Experts.random(1, 2, 4);
        Adapter right = Experts.random(2, 3, 3);

        // when the rank loses nothing
        Merged merged = TaskVectorMerge.merge(List.of(left, right), EVEN, new MergeRule.Average(), 5);

        // then
        double[] expected = new double[60];
        double[] a = TaskVectorMerge.delta(left, Experts.UP).data;
        double[] b = TaskVectorMerge.delta(right, Experts.UP).data;
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (a[i] + b[i]) / 2;
        }
        assertThat(TaskVectorMerge.delta(merged.adapter(), Experts.UP).data).containsExactly(expected, within(1e-5));
        assertThat(error(merged, Experts.UP)).isLessThan(1e-12);
        assertThat(merged.figures())
                .containsOnlyKeys(
                        "merge/sign_conflict_rate",
                        "merge/cancelled_mass",
                        "merge/pairwise_cosine",
                        "merge/relative_error");
    }

    @Test
    void givenALowerRankWhenTruncatedThenTheLossIsReported() {
        // given
        Adapter left = Experts.random(1, 2, 2);
        Adapter right = Experts.random(2, 2, 2);

        // when
        Merged merged = TaskVectorMerge.merge(List.of(left, right), EVEN, new MergeRule.Average(), 3);

        // then the error is the distance to the exact merge
        double[] exact = TaskVectorMerge.delta(
                        TaskVectorMerge.merge(List.of(left, right), EVEN, new MergeRule.Average(), 6)
                                .adapter(),
                        Experts.QUERY)
                .data;
        double[] cut = TaskVectorMerge.delta(merged.adapter(), Experts.QUERY).data;
        double lost = 0;
        double norm = 0;
        for (int i = 0; i < exact.length; i++) {
            lost += Math.pow(exact[i] - cut[i], 2);
            norm += exact[i] * exact[i];
        }
        assertThat(error(merged, Experts.QUERY)).isGreaterThan(0.01).isCloseTo(Math.sqrt(lost / norm), within(1e-5));
    }

    @Test
    void givenALambdaWhenMergedThenItScalesTheUpdate() {
        // given
        Merged merged = TaskVectorMerge.merge(
                List.of(Experts.random(1, 2, 2), Experts.random(2, 2, 2)), EVEN, new MergeRule.Ties(0.4), 6);

        // when
        double[] scaled = TaskVectorMerge.delta(merged.scaled(0.5), Experts.QUERY).data;

        // then
        double[] whole = TaskVectorMerge.delta(merged.adapter(), Experts.QUERY).data;
        for (int i = 0; i < whole.length; i++) {
            assertThat(scaled[i]).isCloseTo(whole[i] / 2, within(1e-6));
        }
    }

    @Property(tries = 30)
    void givenOneExpertWhenMergedWithItselfThenNothingChanges(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int rank) {
        Adapter expert = Experts.random(seed, rank, 2 * rank);

        for (MergeRule rule : List.of(new MergeRule.Average(), new MergeRule.Ties(1))) {
            Adapter merged = TaskVectorMerge.merge(List.of(expert, expert), EVEN, rule, rank)
                    .adapter();
            assertThat(TaskVectorMerge.delta(merged, Experts.QUERY).data)
                    .containsExactly(TaskVectorMerge.delta(expert, Experts.QUERY).data, within(1e-4));
        }
    }

    @Property(tries = 30)
    void givenExpertsInAnotherOrderWhenMergedThenTheResultIsTheSame(@ForAll long seed) {
        List<Adapter> experts = List.of(Experts.random(seed, 2, 2), Experts.random(seed + 1, 2, 2));
        List<Adapter> reversed = List.of(experts.get(1), experts.get(0));

        for (MergeRule rule : List.of(new MergeRule.Average(), new MergeRule.Ties(0.5))) {
            assertThat(TaskVectorMerge.delta(
                                    TaskVectorMerge.merge(experts, EVEN, rule, 6)
                                            .adapter(),
                                    Experts.UP)
                            .data)
                    .containsExactly(
                            TaskVectorMerge.delta(
                                            TaskVectorMerge.merge(reversed, EVEN, rule, 6)
                                                    .adapter(),
                                            Experts.UP)
                                    .data,
                            within(1e-5));
        }
    }

    @Test
    void givenUntrainedExpertsWhenMergedThenTheUpdateIsZero() {
        // given B = 0
        Adapter expert = Experts.random(1, 2, 2);
        SortedMap<String, HostTensor> tensors = new TreeMap<>(expert.tensors());
        tensors.replaceAll((name, tensor) ->
                name.contains("lora_B") ? new HostTensor(tensor.shape(), new float[tensor.values().length]) : tensor);
        Adapter untrained = new Adapter(2, 2, expert.targets(), tensors);

        // when
        Adapter merged = TaskVectorMerge.merge(List.of(untrained, untrained), EVEN, new MergeRule.Ties(0.2), 4)
                .adapter();

        // then
        assertThat(TaskVectorMerge.delta(merged, Experts.UP).data).containsOnly(0);
    }

    @Test
    void givenExpertsThatDoNotFitTogetherWhenMergedThenTheyAreRefusedByName() {
        Adapter expert = Experts.random(1, 2, 2);
        SortedMap<String, HostTensor> fewer = new TreeMap<>(expert.tensors());
        fewer.keySet().removeIf(name -> name.startsWith(Experts.UP));
        Adapter narrow = new Adapter(2, 2, List.of("q_proj"), fewer);

        assertThatThrownBy(() -> TaskVectorMerge.merge(List.of(expert, narrow), EVEN, new MergeRule.Average(), 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("up_proj");
        assertThatThrownBy(() -> TaskVectorMerge.merge(List.of(narrow, expert), EVEN, new MergeRule.Average(), 2))
                .hasMessageContaining("different weights");
        assertThatThrownBy(() -> TaskVectorMerge.merge(List.of(expert), new double[] {0}, new MergeRule.Average(), 2))
                .hasMessageContaining("weights");
    }

    @Test
    void givenAdaptersWhenAddedAndSubtractedThenTheResultIsExact() {
        // given adapters of different rank and scale
        Adapter expert = Experts.random(1, 2, 6);
        Adapter shared = Experts.random(2, 3, 3);

        // when
        Adapter learnt = AdapterSum.of(expert, shared, -1);
        Adapter back = AdapterSum.of(learnt, shared, 1);

        // then
        double[] difference = TaskVectorMerge.delta(learnt, Experts.UP).data;
        double[] a = TaskVectorMerge.delta(expert, Experts.UP).data;
        double[] b = TaskVectorMerge.delta(shared, Experts.UP).data;
        for (int i = 0; i < a.length; i++) {
            assertThat(difference[i]).isCloseTo(a[i] - b[i], within(1e-5));
        }
        assertThat(TaskVectorMerge.delta(back, Experts.UP).data).containsExactly(a, within(1e-5));
        assertThat(back.rank()).isEqualTo(8);
    }

    @Test
    void givenTwoAgentsWhenComparedThenTheGateTakesMeansOverSpecialties() {
        Gate.Accuracy previous = new Gate.Accuracy(Map.of("pediatrics", 0.8, "adult_medicine", 0.4));
        Gate.Accuracy candidate = new Gate.Accuracy(Map.of("pediatrics", 0.6, "adult_medicine", 0.58));

        assertThat(Gate.admits(candidate, previous, 0.01)).isTrue();
        assertThat(Gate.admits(candidate, previous, 0)).isFalse();
        assertThat(Gate.admits(previous, previous, 0)).isTrue();
    }
}
