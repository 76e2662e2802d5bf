package ai.consilium.policy.adapter;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An adapter in native memory.
 *
 * @param targets what it updates
 * @param a [rank, in] of every projection of the decoder; [0, in] without an update
 * @param b [out, rank] of every projection; [out, 0] without an update
 */
public record ResidentAdapter(List<LoraTarget> targets, List<Tensor> a, List<Tensor> b, double scale) {
    /** What decoder.py multiplies together. */
    private static final List<List<String>> FUSED = List.of(
            List.of("q_proj", "k_proj", "v_proj"),
            List.of("o_proj"),
            List.of("gate_proj", "up_proj"),
            List.of("down_proj"));

    /** @throws ModelException naming a tensor that is missing, too many, or of a wrong shape */
    public static ResidentAdapter load(Adapter adapter, QwenConfig config, Scope scope) {
        check(adapter, config);
        List<LoraTarget> targets = LoraTarget.of(config, adapter.targets());
        List<Tensor> a = new ArrayList<>();
        List<Tensor> b = new ArrayList<>();
        int next = 0;
        for (LoraTarget target : LoraTarget.all(config)) {
            boolean updated = next < targets.size() && targets.get(next).equals(target);
            if (updated) {
                next++;
                a.add(resident(tensor(adapter, target.nameA(), adapter.rank(), target.in()), scope));
                b.add(resident(tensor(adapter, target.nameB(), target.out(), adapter.rank()), scope));
            } else {
                a.add(scope.floats(new float[0], 0, target.in()));
                b.add(scope.floats(new float[0], target.out(), 0));
            }
        }
        return new ResidentAdapter(targets, a, b, adapter.scale());
    }

    /** @throws ModelException naming a tensor that is missing, too many, or of a wrong shape */
    public static void check(Adapter adapter, QwenConfig config) {
        List<LoraTarget> targets = LoraTarget.of(config, adapter.targets());
        if (adapter.tensors().size() != 2 * targets.size()) {
            throw new ModelException("adapter has " + adapter.tensors().size() + " tensors, the model needs "
                    + 2 * targets.size() + " for " + adapter.targets());
        }
        for (LoraTarget target : targets) {
            tensor(adapter, target.nameA(), adapter.rank(), target.in());
            tensor(adapter, target.nameB(), target.out(), adapter.rank());
        }
    }

    private static HostTensor tensor(Adapter adapter, String name, long... shape) {
        HostTensor tensor = adapter.tensors().get(name);
        if (tensor == null) {
            throw new ModelException("adapter lacks tensor " + name);
        }
        if (!Arrays.equals(tensor.shape(), shape)) {
            throw new ModelException("adapter tensor " + name + " has the shape " + Arrays.toString(tensor.shape())
                    + ", the model needs " + Arrays.toString(shape));
        }
        return tensor;
    }

    private static Tensor resident(HostTensor tensor, Scope scope) {
        return scope.floats(tensor.values(), tensor.shape());
    }

    /** A and scaled B side by side as decoder.py multiplies them: the adapter is float32, what it multiplies is of the model's type. */
    public List<Tensor> fused(PolicyModel model, Scope scope) {
        return model.script().call(scope, "fuse", a, b, scale, model.precision().dtype());
    }

    /**
     * Elements of {@link #fused}: q, k and v, and gate and up, share a block-diagonal B.
     *
     * @param targets projections, in PEFT's spelling
     */
    public static long fusedSize(QwenConfig config, int rank, Collection<String> targets) {
        long size = 0;
        for (List<String> group : FUSED) {
            long joined = group.stream().filter(targets::contains).count();
            for (LoraTarget target : LoraTarget.of(config, group)) {
                boolean updated = targets.contains(target.projection());
                size += (updated ? (long) rank * target.in() : 0) + joined * rank * target.out();
            }
        }
        return size;
    }

    /** The tensors with an update, A and B of each target in slot order. */
    public List<Tensor> leaves() {
        List<Tensor> leaves = new ArrayList<>();
        for (LoraTarget target : targets) {
            leaves.add(a.get(target.slot()));
            leaves.add(b.get(target.slot()));
        }
        return leaves;
    }

    /** PEFT names of {@link #leaves()}. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        for (LoraTarget target : targets) {
            names.add(target.nameA());
            names.add(target.nameB());
        }
        return names;
    }

    /** The leaves on the host. */
    public SortedMap<String, HostTensor> host() {
        return host(names(), leaves());
    }

    public static SortedMap<String, HostTensor> host(List<String> names, List<Tensor> tensors) {
        SortedMap<String, HostTensor> host = new TreeMap<>();
        for (int i = 0; i < names.size(); i++) {
            host.put(
                    names.get(i),
                    new HostTensor(tensors.get(i).shape(), tensors.get(i).floats()));
        }
        return host;
    }
}
