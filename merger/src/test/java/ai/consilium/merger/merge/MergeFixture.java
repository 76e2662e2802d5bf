package ai.consilium.merger.merge;

import ai.consilium.merger.merge.ExpertMerge.Parents;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.HostTensor;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.ejml.data.DMatrixRMaj;

/** Reads what tests/parity/make_merge_fixture.py writes. */
final class MergeFixture {
    static JsonNode read(String name) throws IOException {
        try (InputStream in = MergeFixture.class.getResourceAsStream("/parity/" + name)) {
            return new ObjectMapper().readTree(Objects.requireNonNull(in));
        }
    }

    /** @param of has experts, and a shared start or null */
    static Parents parents(JsonNode of, JsonNode weights) {
        List<Adapter> experts = new ArrayList<>();
        of.get("experts").forEach(expert -> experts.add(adapter(expert)));
        JsonNode shared = of.get("shared");
        double[] each = new double[weights.size()];
        for (int i = 0; i < each.length; i++) {
            each[i] = weights.get(i).doubleValue();
        }
        return new Parents(experts, each, shared.isNull() ? null : adapter(shared));
    }

    private static Adapter adapter(JsonNode node) {
        List<String> targets = new ArrayList<>();
        node.get("targets").forEach(target -> targets.add(target.asText()));
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        node.get("tensors").fields().forEachRemaining(entry -> {
            DMatrixRMaj matrix = matrix(entry.getValue());
            tensors.put(entry.getKey(), new HostTensor(new long[] {matrix.numRows, matrix.numCols}, floats(matrix)));
        });
        return new Adapter(node.get("rank").intValue(), node.get("alpha").doubleValue(), targets, tensors);
    }

    static DMatrixRMaj matrix(JsonNode rows) {
        DMatrixRMaj matrix = new DMatrixRMaj(rows.size(), rows.get(0).size());
        for (int i = 0; i < matrix.getNumElements(); i++) {
            matrix.set(i, rows.get(i / matrix.numCols).get(i % matrix.numCols).doubleValue());
        }
        return matrix;
    }

    static float[] floats(DMatrixRMaj matrix) {
        float[] values = new float[matrix.getNumElements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) matrix.get(i);
        }
        return values;
    }

    private MergeFixture() {}
}
