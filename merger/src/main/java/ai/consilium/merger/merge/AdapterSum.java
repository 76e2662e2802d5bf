package ai.consilium.merger.merge;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.HostTensor;
import java.util.SortedMap;
import java.util.TreeMap;

/** Sums of adapters, exact: the factors stand side by side, so ranks add up and no product is formed. */
public final class AdapterSum {
    /**
     * ΔW = ΔW(first) + sign · ΔW(second).
     *
     * @return an adapter of scale 1 and of both ranks together
     * @throws IllegalArgumentException when they update different weights, or weights of different shapes
     */
    public static Adapter of(Adapter first, Adapter second, int sign) {
        if (!first.tensors().keySet().equals(second.tensors().keySet())) {
            throw new IllegalArgumentException("adapters that update different weights cannot be added");
        }
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        for (String name : first.tensors().keySet()) {
            if (name.endsWith(TaskVectorMerge.A)) {
                String other = name.substring(0, name.length() - TaskVectorMerge.A.length()) + TaskVectorMerge.B;
                tensors.put(name, below(name, tensor(first, name), tensor(second, name)));
                tensors.put(
                        other,
                        beside(
                                other,
                                tensor(first, other),
                                first.scale(),
                                tensor(second, other),
                                sign * second.scale()));
            }
        }
        int rank = first.rank() + second.rank();
        return new Adapter(rank, rank, first.targets(), tensors);
    }

    private static HostTensor tensor(Adapter adapter, String name) {
        return java.util.Objects.requireNonNull(adapter.tensors().get(name), name);
    }

    /** [r1, in] over [r2, in]. */
    private static HostTensor below(String name, HostTensor first, HostTensor second) {
        require(name, first.shape()[1] == second.shape()[1]);
        float[] values = java.util.Arrays.copyOf(first.values(), first.values().length + second.values().length);
        System.arraycopy(second.values(), 0, values, first.values().length, second.values().length);
        return new HostTensor(new long[] {first.shape()[0] + second.shape()[0], first.shape()[1]}, values);
    }

    /** [out, r1] beside [out, r2], each times its scale. */
    private static HostTensor beside(
            String name, HostTensor first, double firstScale, HostTensor second, double secondScale) {
        require(name, first.shape()[0] == second.shape()[0]);
        int rows = (int) first.shape()[0];
        int left = (int) first.shape()[1];
        int right = (int) second.shape()[1];
        float[] values = new float[rows * (left + right)];
        for (int row = 0; row < rows; row++) {
            int to = row * (left + right);
            for (int i = 0; i < left; i++) {
                values[to + i] = (float) (firstScale * first.values()[row * left + i]);
            }
            for (int i = 0; i < right; i++) {
                values[to + left + i] = (float) (secondScale * second.values()[row * right + i]);
            }
        }
        return new HostTensor(new long[] {rows, left + right}, values);
    }

    private static void require(String name, boolean held) {
        if (!held) {
            throw new IllegalArgumentException("adapters disagree on the shape of " + name);
        }
    }

    private AdapterSum() {}
}
