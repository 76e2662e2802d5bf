package ai.consilium.merger.merge;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.HostTensor;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.ejml.data.DMatrixRMaj;

/** Collects the weights of an agent. An adapter has one rank, so those of a lower one are filled up with zeros. */
final class AgentBuilder {
    private final List<String> targets;
    private final SortedMap<String, HostTensor> a = new TreeMap<>();
    private final SortedMap<String, HostTensor> b = new TreeMap<>();
    private double errors;

    AgentBuilder(List<String> targets) {
        this.targets = targets;
    }

    void add(String module, Truncation weight) {
        a.put(module, tensor(weight.factors().a()));
        b.put(module, tensor(weight.factors().b()));
        errors += weight.relativeError();
    }

    ExpertMerge.Agent build() {
        int rank =
                a.values().stream().mapToInt(one -> (int) one.shape()[0]).max().orElse(1);
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        a.forEach((module, one) -> tensors.put(module + Factors.A, taller(one, rank)));
        b.forEach((module, one) -> tensors.put(module + Factors.B, wider(one, rank)));
        return new ExpertMerge.Agent(new Adapter(rank, rank, targets, tensors), errors / Math.max(1, a.size()));
    }

    private static HostTensor taller(HostTensor one, int rows) {
        if (one.shape()[0] == rows) {
            return one;
        }
        return new HostTensor(
                new long[] {rows, one.shape()[1]}, Arrays.copyOf(one.values(), rows * (int) one.shape()[1]));
    }

    private static HostTensor wider(HostTensor one, int columns) {
        int narrow = (int) one.shape()[1];
        if (narrow == columns) {
            return one;
        }
        int rows = (int) one.shape()[0];
        float[] values = new float[rows * columns];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(one.values(), row * narrow, values, row * columns, narrow);
        }
        return new HostTensor(new long[] {rows, columns}, values);
    }

    private static HostTensor tensor(DMatrixRMaj matrix) {
        float[] values = new float[matrix.getNumElements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) matrix.get(i);
        }
        return new HostTensor(new long[] {matrix.numRows, matrix.numCols}, values);
    }
}
