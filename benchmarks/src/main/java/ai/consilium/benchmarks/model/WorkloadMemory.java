package ai.consilium.benchmarks.model;

import ai.consilium.cli.memory.RunMemory;
import ai.consilium.policy.adapter.Folding;
import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.memory.AdapterMemory;
import ai.consilium.policy.memory.GroupSize;
import ai.consilium.policy.memory.SamplingMemory;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.WeightBytes;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.stream.LongStream;

/** What the formulas behind {@code consilium memory} say of a sampling workload. */
public final class WorkloadMemory {
    /** An image of 32 x 32 pixels. */
    private static final int PATCHES = 16;
    /** A cache of keys and values may have half as much room again as it needs. */
    private static final double ROOM = 1.5;

    private final WeightBytes weights;
    private final SamplingMemory sampling;
    private final AdapterMemory adapter;
    private final Precision precision;
    private final GroupSize group;
    private final int prompts;
    private final int experts;

    /** Of prompts whose samples are all of a size, shared out among experts with adapters of a rank on all projections. */
    public WorkloadMemory(
            ModelDirectory model, Precision precision, GroupSize group, int prompts, int experts, int rank) {
        this.precision = precision;
        this.group = group;
        this.prompts = prompts;
        this.experts = experts;
        weights = WeightBytes.of(model, precision);
        sampling = new SamplingMemory(
                model.config(), precision, model.completionTokens().ids());
        adapter = new AdapterMemory(model.config(), rank, LoraTarget.PROJECTIONS);
    }

    /** Copies may fill what all else leaves of the machine. */
    public Folding folding(Folding.Mode mode) {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long room = system.getTotalMemorySize() - bytes(false, 1) - weights.mapped();
        return new Folding(mode, experts, Math.max(0, room));
    }

    /** Anonymous bytes at the peak. */
    public long bytes(boolean folded, int threads) {
        long copies = folded
                ? experts * sampling.copyBytes() + sampling.headBytes()
                : experts * adapter.besideBytes(precision);
        int each = (prompts + experts - 1) / experts;
        long step = LongStream.of(
                        sampling.prefillBytes(group.promptTokens(), each),
                        sampling.stepBytes(each * group.samples()),
                        sampling.visionBytes(PATCHES),
                        folded ? sampling.foldingBytes() : 0)
                .max()
                .orElse(0);
        long cache = (long) (ROOM * prompts * sampling.groupBytes(group));
        return weights.copied() + RunMemory.heapAndLibraries() + copies + cache + Math.min(threads, experts) * step;
    }
}
