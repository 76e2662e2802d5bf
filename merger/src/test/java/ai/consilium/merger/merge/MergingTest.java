package ai.consilium.merger.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.merger.merge.ExpertMerge.Parents;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MergingTest {
    private static final MergeMethod REGMEAN = new MergeMethod.RegMean(1e-4);
    private static final List<MergeMethod> IDENTITIES =
            List.of(new MergeMethod.Average(), MergeMethod.ties(1), MergeMethod.dareTies(1, 1), REGMEAN);
    private static final List<MergeMethod> ALL = Stream.concat(
                    IDENTITIES.stream(), Stream.of(new MergeMethod.TaskArithmetic()))
            .toList();

    private static Adapter merge(
            List<Adapter> experts, double[] weights, @Nullable Adapter shared, MergeMethod method, int rank) {
        try (Scope scope = Scope.open()) {
            List<Tensor> rows = new ArrayList<>();
            for (int i = 0; i < experts.size(); i++) {
                // An expert keeps its inputs in whatever order it stands.
                rows.add(inputs(scope, experts.get(i).hash().hashCode(), 9));
            }
            return ExpertMerge.of(new Parents(experts, weights, shared), method, List.of(1.0), rank, module -> rows)
                    .agent(1)
                    .adapter();
        }
    }

    private static SortedMap<String, MergedWeight> weights(
            Parents parents, MergeMethod method, int rank, Activations activations) {
        SortedMap<String, MergedWeight> weights = new TreeMap<>();
        ExpertMerge.forEach(parents, method, rank, activations, weights::put);
        return weights;
    }

    private static Tensor inputs(Scope scope, long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count * 6];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return scope.floats(values, count, 6);
    }

    private static double[] even(int count) {
        return DoubleStream.generate(() -> 1).limit(count).toArray();
    }

    private static void assertEqual(Adapter agent, Adapter expected) {
        for (String module : List.of(Experts.QUERY, Experts.UP)) {
            DMatrixRMaj difference = Experts.delta(agent, module);
            double norm = NormOps_DDRM.fastNormF(Experts.delta(expected, module));
            CommonOps_DDRM.subtractEquals(difference, Experts.delta(expected, module));
            assertThat(NormOps_DDRM.fastNormF(difference) / norm).as(module).isLessThan(1e-6);
        }
    }

    @Property(tries = 20)
    void givenOneParentThenItIsTheAgent(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int rank) {
        Adapter expert = Experts.random(seed, rank, 2 * rank);

        for (MergeMethod method : ALL) {
            assertEqual(merge(List.of(expert), even(1), null, method, 6), expert);
        }
    }

    @Property(tries = 20)
    void givenEqualParentsOfDifferentWeightsThenOnlyMeansGiveTheParentBack(@ForAll long seed) {
        Adapter expert = Experts.random(seed, 2, 3);
        Adapter twice = Experts.sum(expert, expert);

        for (MergeMethod method : List.of(new MergeMethod.Average(), REGMEAN)) {
            assertEqual(merge(List.of(expert, expert), new double[] {3, 1}, null, method, 6), expert);
        }
        // As in PEFT: TIES divides by the number of the experts that agree, not by their weights; task arithmetic by
        // nothing.
        for (MergeMethod method : List.of(MergeMethod.ties(1), MergeMethod.dareTies(1, 1))) {
            assertEqual(merge(List.of(expert, expert), new double[] {3, 1}, null, method, 6), twice);
        }
        assertEqual(
                merge(List.of(expert, expert), new double[] {1.5, 0.5}, null, new MergeMethod.TaskArithmetic(), 6),
                twice);
    }

    @Property(tries = 20)
    void givenEqualParentsThenTheAgentIsTheirs(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int rank) {
        Adapter expert = Experts.random(seed, rank, 2 * rank);

        for (MergeMethod method : IDENTITIES) {
            assertEqual(merge(List.of(expert, expert, expert), even(3), null, method, 24), expert);
        }
        // Task arithmetic adds: only weights of sum 1 give the parent back.
        double third = 1.0 / 3;
        assertEqual(
                merge(
                        List.of(expert, expert, expert),
                        new double[] {third, third, third},
                        null,
                        new MergeMethod.TaskArithmetic(),
                        24),
                expert);
    }

    @Property(tries = 20)
    void givenParentsInAnotherOrderThenTheAgentIsTheSame(@ForAll long seed) {
        List<Adapter> experts = List.of(Experts.random(seed, 2, 2), Experts.random(seed + 1, 3, 2));
        List<Adapter> reversed = List.of(experts.get(1), experts.get(0));

        // DARE below density 1 draws for the first expert, the second and so on: there the order is part of the draw.
        List<MergeMethod> methods = new ArrayList<>(ALL);
        methods.add(MergeMethod.ties(0.5));
        for (MergeMethod method : methods) {
            assertEqual(
                    merge(experts, new double[] {1, 2}, null, method, 6),
                    merge(reversed, new double[] {2, 1}, null, method, 6));
        }
    }

    @Property(tries = 20)
    void givenAParentOfWeightZeroThenItHasNoPart(@ForAll long seed) {
        Adapter one = Experts.random(seed, 2, 2);
        Adapter two = Experts.random(seed + 1, 2, 2);
        Adapter nobody = Experts.random(seed + 2, 2, 2);

        List<MergeMethod> methods = new ArrayList<>(ALL);
        methods.addAll(List.of(MergeMethod.ties(0.5), MergeMethod.dareTies(0.5, 1)));
        for (MergeMethod method : methods) {
            assertEqual(
                    merge(List.of(one, nobody, two), new double[] {1, 0, 1}, null, method, 6),
                    merge(List.of(one, two), even(2), null, method, 6));
        }
    }

    @Property(tries = 20)
    void givenASharedStartThenItCountsOnceAndOnlyWhatWasLearntIsScaled(@ForAll long seed) {
        Adapter shared = Experts.random(seed, 2, 2);
        Adapter learnt = Experts.random(seed + 1, 2, 2);
        Adapter expert = Experts.sum(shared, learnt);

        for (MergeMethod method : List.of(new MergeMethod.Average(), MergeMethod.ties(1), REGMEAN)) {
            assertEqual(merge(List.of(expert, expert), even(2), shared, method, 20), expert);
        }
        try (Scope scope = Scope.open()) {
            ExpertMerge merged = ExpertMerge.of(
                    new Parents(List.of(expert, expert), even(2), shared),
                    REGMEAN,
                    List.of(0.5, 1.5, 2.0),
                    20,
                    module -> List.of(inputs(scope, 1, 9), inputs(scope, 2, 9)));
            Adapter half = merged.agent(0.5).adapter();
            Adapter more = merged.agent(2).adapter();
            assertEqual(Experts.sum(half, learnt), merged.agent(1.5).adapter());
            assertEqual(more, Experts.sum(expert, learnt));
        }
    }

    @Test
    void givenFewInputsOrManyThenRegMeanIsItsClosedForm() {
        List<Adapter> experts = List.of(Experts.random(1, 2, 4), Experts.random(2, 3, 3), Experts.random(3, 1, 1));
        double[] weights = {1, 2, 0.5};
        for (int count : new int[] {1, 40}) {
            try (Scope scope = Scope.open()) {
                List<Tensor> rows = IntStream.range(0, 3)
                        .mapToObj(s -> inputs(scope, s, count))
                        .toList();
                Parents parents = new Parents(experts, weights, null);
                SortedMap<String, MergedWeight> merged = weights(parents, REGMEAN, 6, module -> rows);

                for (String module : List.of(Experts.QUERY, Experts.UP)) {
                    DMatrixRMaj expected = closedForm(experts, weights, rows, module);
                    DMatrixRMaj found = java.util.Objects.requireNonNull(merged.get(module))
                            .exact(1)
                            .dense();
                    CommonOps_DDRM.subtractEquals(found, expected);
                    assertThat(NormOps_DDRM.fastNormF(found) / NormOps_DDRM.fastNormF(expected))
                            .isLessThan(1e-8);
                }
                assertThat(merged.values())
                        .allSatisfy(weight ->
                                assertThat(weight.interference()).hasSize(3).allMatch(one -> one > 0));
            }
        }
    }

    /** Σ ΔW_s (G_s + ε w_s / S) (Σ G + ε)⁻¹, term by term. */
    private static DMatrixRMaj closedForm(List<Adapter> experts, double[] weights, List<Tensor> rows, String module) {
        double mean = DoubleStream.of(weights).average().orElseThrow();
        List<DMatrixRMaj> grams = new ArrayList<>();
        DMatrixRMaj sum = new DMatrixRMaj(6, 6);
        for (int s = 0; s < weights.length; s++) {
            DMatrixRMaj x = new DMatrixRMaj((int) rows.get(s).shape()[0], 6);
            float[] values = rows.get(s).floats();
            for (int i = 0; i < values.length; i++) {
                x.set(i, values[i]);
            }
            DMatrixRMaj gram = CommonOps_DDRM.multTransA(x, x, null);
            CommonOps_DDRM.scale(weights[s] / mean / CommonOps_DDRM.trace(gram), gram);
            CommonOps_DDRM.addEquals(sum, gram);
            grams.add(gram);
        }
        double epsilon = 1e-4 * CommonOps_DDRM.trace(sum) / 6;
        DMatrixRMaj inverse = sum.copy();
        CommonOps_DDRM.addEquals(inverse, epsilon, CommonOps_DDRM.identity(6));
        CommonOps_DDRM.invert(inverse);
        DMatrixRMaj merged = null;
        for (int s = 0; s < weights.length; s++) {
            DMatrixRMaj gram = grams.get(s);
            CommonOps_DDRM.addEquals(gram, epsilon * weights[s] / mean / weights.length, CommonOps_DDRM.identity(6));
            DMatrixRMaj part = CommonOps_DDRM.mult(
                    Experts.delta(experts.get(s), module), CommonOps_DDRM.mult(gram, inverse, null), null);
            merged = merged == null ? part : CommonOps_DDRM.add(merged, part, null);
        }
        return java.util.Objects.requireNonNull(merged);
    }

    @Test
    void givenALowerRankThenNoOtherUpdateOfThatRankIsNearerOverTheInputs() {
        List<Adapter> experts = List.of(Experts.random(1, 2, 2), Experts.random(2, 2, 2));
        try (Scope scope = Scope.open()) {
            List<Tensor> rows = List.of(inputs(scope, 1, 30), inputs(scope, 2, 30));
            Parents parents = new Parents(experts, even(2), null);
            MergedWeight weight = java.util.Objects.requireNonNull(
                    weights(parents, REGMEAN, 4, module -> rows).get(Experts.UP));
            Truncation cut = weight.at(1, 2);
            DMatrixRMaj rest = cut.factors().dense();
            CommonOps_DDRM.subtractEquals(rest, weight.exact(1).dense());

            assertThat(cut.factors().rank()).isEqualTo(2);
            assertThat(cut.relativeError()).isBetween(0.001, 0.99);
            // What was left out is orthogonal to what was kept: the mark of the best approximation.
            DMatrixRMaj kept = cut.factors().b();
            assertThat(NormOps_DDRM.fastNormF(CommonOps_DDRM.multTransA(kept, rest, null)))
                    .isLessThan(1e-9);
            MergeMethod average = new MergeMethod.Average();
            assertThat(ExpertMerge.of(parents, average, List.of(1.0), 4, null)
                            .agent(1)
                            .relativeError())
                    .isZero();
            assertThat(ExpertMerge.of(parents, average, List.of(1.0), 3, null)
                            .agent(1)
                            .relativeError())
                    .isPositive();
        }
    }

    @Test
    void givenUntrainedExpertsThenTheUpdateIsZero() {
        Adapter expert = Experts.random(1, 2, 2);
        SortedMap<String, HostTensor> tensors = new TreeMap<>(expert.tensors());
        tensors.replaceAll((name, tensor) ->
                name.contains("lora_B") ? new HostTensor(tensor.shape(), new float[tensor.values().length]) : tensor);
        Adapter untrained = new Adapter(2, 2, expert.targets(), tensors);

        for (MergeMethod method : IDENTITIES) {
            Adapter agent = merge(List.of(untrained, untrained), even(2), null, method, 4);
            assertThat(NormOps_DDRM.fastNormF(Experts.delta(agent, Experts.UP))).isZero();
        }
    }

    @Test
    void givenAnExpertWithFewerTargetsThenItCountsAsUnchangedThere() {
        Adapter expert = Experts.random(1, 2, 2);
        SortedMap<String, HostTensor> fewer = new TreeMap<>(expert.tensors());
        fewer.keySet().removeIf(name -> name.startsWith(Experts.UP));
        Adapter narrow = new Adapter(2, 2, List.of("q_proj"), fewer);

        Adapter agent = merge(List.of(narrow, expert), even(2), null, new MergeMethod.Average(), 6);

        DMatrixRMaj half = Experts.delta(expert, Experts.UP);
        CommonOps_DDRM.scale(0.5, half);
        assertThat(Experts.delta(agent, Experts.UP).data).containsExactly(half.data, within(1e-5));
        assertThat(agent.targets()).containsExactlyInAnyOrder("q_proj", "up_proj");
    }

    @Test
    void givenWhatCannotBeMergedThenItIsRefusedByName() {
        Adapter expert = Experts.random(1, 2, 2);
        SortedMap<String, HostTensor> wide = new TreeMap<>(expert.tensors());
        wide.put(Experts.UP + Factors.B, new HostTensor(new long[] {11, 2}, new float[22]));
        Adapter other = new Adapter(2, 2, expert.targets(), wide);

        assertThatThrownBy(() -> merge(List.of(expert, other), even(2), null, new MergeMethod.Average(), 2))
                .hasMessageContaining("shape of " + Experts.UP);
        assertThatThrownBy(() -> new Parents(List.of(expert), new double[] {0}, null))
                .hasMessageContaining("weights");
        assertThatThrownBy(() -> new Parents(List.of(expert), new double[] {-1}, null))
                .hasMessageContaining("must not be negative");
        assertThatThrownBy(() ->
                        ExpertMerge.of(new Parents(List.of(expert), even(1), null), REGMEAN, List.of(1.0), 2, null))
                .hasMessageContaining("regmean");
    }
}
