package ai.consilium.benchmarks.model;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.format.HostTensor;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Adapters of random values, version after version, for a model that need not be there. */
public final class RandomAdapters {
    private final Adapter first;
    private final Random random;

    /**
     * For a model of some shape.
     *
     * @param targets projections that carry an update, in PEFT's spelling
     */
    public RandomAdapters(QwenConfig model, int rank, double alpha, List<String> targets, long seed) {
        this.random = new Random(seed);
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        for (LoraTarget target : LoraTarget.of(model, targets)) {
            tensors.put(target.nameA(), values(new long[] {rank, target.in()}));
            tensors.put(target.nameB(), values(new long[] {target.out(), rank}));
        }
        this.first = new Adapter(rank, alpha, targets, tensors);
    }

    /** One whose every value is random: nothing of it can be compressed away. */
    public Adapter first() {
        return first;
    }

    /** Another one, of which one tensor is new: its hash is, and its file is as long. */
    public Adapter next(Adapter before) {
        SortedMap<String, HostTensor> tensors = new TreeMap<>(before.tensors());
        tensors.computeIfPresent(tensors.firstKey(), (name, tensor) -> values(tensor.shape()));
        return new Adapter(before.rank(), before.alpha(), before.targets(), tensors);
    }

    private HostTensor values(long[] shape) {
        float[] values = new float[Math.toIntExact(shape[0] * shape[1])];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return new HostTensor(shape, values);
    }
}
