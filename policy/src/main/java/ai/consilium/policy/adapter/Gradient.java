package ai.consilium.policy.adapter;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.format.Safetensors;
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
        SortedMap<String, HostTensor> all = new TreeMap<>(tensors);
        all.putAll(b.tensors);
        double largest = 0;
        String where = all.firstKey();
        double[] products = new double[3];
        for (String name : all.keySet()) {
            HostTensor own = tensors.get(name);
            HostTensor other = b.tensors.get(name);
            if (own == null || other == null || !Arrays.equals(own.shape(), other.shape())) {
                throw new ModelException("gradients: tensor " + name + " is not in both");
            }
            double relative = relative(own.values(), other.values());
            if (relative > largest) {
                largest = relative;
                where = name;
            }
            products[0] += dot(own.values(), other.values());
            products[1] += dot(own.values(), own.values());
            products[2] += dot(other.values(), other.values());
        }
        return new Difference(largest, where, products[0] / Math.sqrt(products[1] * products[2]));
    }

    private static double relative(float[] a, float[] b) {
        double difference = 0;
        double scale = 0;
        for (int i = 0; i < a.length; i++) {
            difference = Math.max(difference, Math.abs(a[i] - b[i]));
            scale = Math.max(scale, Math.abs(b[i]));
        }
        return difference == 0 ? 0 : difference / scale;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
