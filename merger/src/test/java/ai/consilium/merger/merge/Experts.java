package ai.consilium.merger.merge;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.HostTensor;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.ejml.data.DMatrixRMaj;

/** Random adapters over two weights of different shape, for tests. */
public final class Experts {
    public static final String QUERY = "base_model.model.model.layers.0.self_attn.q_proj";
    public static final String UP = "base_model.model.model.layers.0.mlp.up_proj";

    public static Adapter random(long seed, int rank, double alpha) {
        Random random = new Random(seed);
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        tensors.put(QUERY + ".lora_A.weight", tensor(random, rank, 6));
        tensors.put(QUERY + ".lora_B.weight", tensor(random, 6, rank));
        tensors.put(UP + ".lora_A.weight", tensor(random, rank, 6));
        tensors.put(UP + ".lora_B.weight", tensor(random, 10, rank));
        return new Adapter(rank, alpha, List.of("q_proj", "up_proj"), tensors);
    }

    /** ΔW [out, in] of a weight. */
    public static DMatrixRMaj delta(Adapter adapter, String module) {
        return Factors.of(adapter, module).dense();
    }

    /** ΔW(first) + ΔW(second), of both ranks together. */
    public static Adapter sum(Adapter first, Adapter second) {
        return ExpertMerge.of(
                        new ExpertMerge.Parents(List.of(first, second), new double[] {1, 1}, null),
                        new MergeMethod.TaskArithmetic(),
                        List.of(1.0),
                        Integer.MAX_VALUE,
                        null)
                .agent(1)
                .adapter();
    }

    private static HostTensor tensor(Random random, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return new HostTensor(new long[] {rows, columns}, values);
    }

    private Experts() {}
}
