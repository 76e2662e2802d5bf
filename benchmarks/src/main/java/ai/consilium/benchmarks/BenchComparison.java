package ai.consilium.benchmarks;

import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One figure of a benchmark beside the peer's.
 *
 * @param name what was measured, on which model, in which unit
 * @param dtype fp32 or bf16
 * @param peer null without a peer
 * @param ratio ours to the peer's; null without a peer
 */
record BenchComparison(
        String name,
        String dtype,
        double ours,
        @Nullable Double peer,
        @Nullable Double ratio) {
    static BenchComparison of(String name, String dtype, double ours, @Nullable Double peer) {
        return new BenchComparison(name, dtype, ours, peer, peer == null ? null : ours / peer);
    }

    /** The round that is in the middle by a figure; of an even number the slower of the two. */
    static <T> T median(List<T> rounds, ToDoubleFunction<T> figure) {
        return rounds.stream()
                .sorted(Comparator.comparingDouble(figure))
                .toList()
                .get((rounds.size() - 1) / 2);
    }
}
