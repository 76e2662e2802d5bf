package ai.consilium.policy;

import ai.consilium.policy.Adapter.HostTensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Gradient of a loss with respect to an adapter, before clipping.
 *
 * @param tensors by the names of the {@link Adapter}'s tensors
 */
public record Gradient(SortedMap<String, HostTensor> tensors) {

    /**
     * How two gradients differ.
     *
     * @param largest over the tensors, the largest |a - b| divided by the largest |b|
     * @param tensor where that is
     * @param cosine of the angle between them, all tensors together
     */
    public record Difference(double largest, String tensor, double cosine) {}

    /** Reads one that PEFT's parameters were written with. @throws ModelException naming the file */
    public static Gradient read(Path safetensors) {
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        Adapter.tensors(Safetensors.open(safetensors))
                .forEach((name, tensor) -> tensors.put(PeftDirectory.flat(name), tensor));
        return new Gradient(tensors);
    }

    /** Compares with b. @throws ModelException naming a tensor that only one has, or in another shape */
    public Difference from(Gradient b) {
        if (!tensors.keySet().equals(b.tensors.keySet())) {
            SortedMap<String, HostTensor> odd = new TreeMap<>(tensors);
            odd.putAll(b.tensors);
            odd.keySet().removeIf(name -> tensors.containsKey(name) && b.tensors.containsKey(name));
            throw new ModelException("gradients: only one of the two has " + odd.firstKey());
        }
        double largest = 0;
        String where = tensors.firstKey();
        double product = 0;
        double own = 0;
        double others = 0;
        for (var entry : tensors.entrySet()) {
            HostTensor x = entry.getValue();
            HostTensor y = b.tensors.get(entry.getKey());
            if (y == null || !Arrays.equals(x.shape(), y.shape())) {
                throw new ModelException("gradients: " + entry.getKey() + " has two shapes");
            }
            double difference = 0;
            double scale = 0;
            for (int i = 0; i < x.values().length; i++) {
                double p = x.values()[i];
                double q = y.values()[i];
                difference = Math.max(difference, Math.abs(p - q));
                scale = Math.max(scale, Math.abs(q));
                product += p * q;
                own += p * p;
                others += q * q;
            }
            if (difference > largest * scale) {
                largest = difference / scale;
                where = entry.getKey();
            }
        }
        return new Difference(largest, where, product / Math.sqrt(own * others));
    }
}
