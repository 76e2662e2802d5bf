package ai.consilium.policy.adapter;

import ai.consilium.policy.format.HostTensor;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Two adapters as one whose update is the sum of theirs: ranks add up, and its scale is 1. */
final class SideBySide {
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";

    private SideBySide() {}

    static Adapter of(Adapter first, Adapter second) {
        int rank = first.rank() + second.rank();
        List<String> targets = Stream.concat(first.targets().stream(), second.targets().stream())
                .distinct()
                .toList();
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        Stream.concat(first.tensors().keySet().stream(), second.tensors().keySet().stream())
                .filter(name -> name.endsWith(A))
                .distinct()
                .forEach(name -> {
                    String module = name.substring(0, name.length() - A.length());
                    tensors.put(module + A, rows(first, second, module + A));
                    tensors.put(module + B, columns(first, second, module + B));
                });
        return new Adapter(rank, rank, targets, tensors);
    }

    /** [first's rank + second's rank, in], zero where one does not touch the module. */
    private static HostTensor rows(Adapter first, Adapter second, String name) {
        int in = (int) some(first, second, name).shape()[1];
        float[] rows = new float[(first.rank() + second.rank()) * in];
        if (first.tensors().containsKey(name)) {
            System.arraycopy(first.values(name), 0, rows, 0, first.rank() * in);
        }
        if (second.tensors().containsKey(name)) {
            System.arraycopy(second.values(name), 0, rows, first.rank() * in, second.rank() * in);
        }
        return new HostTensor(new long[] {first.rank() + second.rank(), in}, rows);
    }

    /** [out, first's rank + second's rank], each scaled by its adapter's scale. */
    private static HostTensor columns(Adapter first, Adapter second, String name) {
        int out = (int) some(first, second, name).shape()[0];
        int rank = first.rank() + second.rank();
        float[] columns = new float[out * rank];
        place(first, name, columns, rank, 0);
        place(second, name, columns, rank, first.rank());
        return new HostTensor(new long[] {out, rank}, columns);
    }

    private static void place(Adapter adapter, String name, float[] columns, int width, int left) {
        if (!adapter.tensors().containsKey(name)) {
            return;
        }
        float[] values = adapter.values(name);
        int rank = adapter.rank();
        for (int i = 0; i < values.length; i++) {
            columns[i / rank * width + left + i % rank] = (float) (adapter.scale() * values[i]);
        }
    }

    private static HostTensor some(Adapter first, Adapter second, String name) {
        HostTensor tensor = first.tensors().get(name);
        return tensor == null ? second.tensors().getOrDefault(name, new HostTensor(new long[2], new float[0])) : tensor;
    }
}
