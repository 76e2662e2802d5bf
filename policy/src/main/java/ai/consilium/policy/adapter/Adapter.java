package ai.consilium.policy.adapter;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.format.FastSha256;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.format.Safetensors;
import ai.consilium.policy.model.ModelDirectory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A LoRA adapter on the host: immutable, by PEFT's tensor names ({@code
 * base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight}), lora_A [rank, in], lora_B [out, rank]; the update of
 * a weight is (alpha / rank) · B · A (Hu et al., 2106.09685).
 *
 * @param rank r
 * @param alpha numerator of the scale
 * @param targets projections that carry an update, for example q_proj; in PEFT's spelling
 * @param tensors by PEFT name
 */
public record Adapter(int rank, double alpha, List<String> targets, SortedMap<String, HostTensor> tensors) {

    /** Copies the collections. */
    public Adapter {
        if (rank < 1) {
            throw new IllegalArgumentException("lora rank must be at least 1");
        }
        targets = List.copyOf(targets);
        tensors = Collections.unmodifiableSortedMap(new TreeMap<>(tensors));
    }

    /** A ~ N(0, 1/in), B = 0: step 0 equals the base model exactly. */
    public static Adapter initial(ModelDirectory model, int rank, double alpha, List<String> targets, long seed) {
        Random random = new Random(seed);
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        for (LoraTarget target : LoraTarget.of(model.config(), targets)) {
            float[] a = new float[rank * target.in()];
            double deviation = 1 / Math.sqrt(target.in());
            for (int i = 0; i < a.length; i++) {
                a[i] = (float) (random.nextGaussian() * deviation);
            }
            tensors.put(target.nameA(), new HostTensor(new long[] {rank, target.in()}, a));
            tensors.put(
                    target.nameB(), new HostTensor(new long[] {target.out(), rank}, new float[target.out() * rank]));
        }
        return new Adapter(rank, alpha, targets, tensors);
    }

    /** alpha / rank. */
    public double scale() {
        return alpha / rank;
    }

    /** Both as one, over the base that both belong to: its update is the sum of theirs. Of rank r + the other's r, and scale 1. */
    public Adapter beside(Adapter other) {
        return SideBySide.of(this, other);
    }

    /** Values of a tensor. @throws ModelException naming it where it lacks it */
    float[] values(String name) {
        HostTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new ModelException("adapter lacks tensor " + name);
        }
        return tensor.values();
    }

    /** SHA-256 (hex) of names, shapes and little-endian values in name order: what is resident is what is hashed. */
    public String hash() {
        MessageDigest digest = FastSha256.digest();
        tensors.forEach((name, tensor) -> {
            digest.update(name.getBytes(UTF_8));
            int bytes = 8 * tensor.shape().length + 4 * tensor.values().length;
            ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
            for (long dimension : tensor.shape()) {
                buffer.putLong(dimension);
            }
            buffer.asFloatBuffer().put(tensor.values());
            digest.update(buffer.array());
        });
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The safetensors file; metadata holds rank, alpha, targets and format=pt. */
    public byte[] toSafetensors() {
        return Safetensors.write(tensors, metadata());
    }

    Map<String, String> metadata() {
        return Map.of(
                "rank", Integer.toString(rank),
                "alpha", Double.toString(alpha),
                "targets", String.join(",", targets));
    }

    /** Reads {@link #toSafetensors()}. @throws ModelException naming what is wrong */
    public static Adapter fromSafetensors(byte[] file, String name) {
        Safetensors content = Safetensors.of(file, name);
        Map<String, String> metadata = content.metadata();
        try {
            return new Adapter(
                    Integer.parseInt(metadata.getOrDefault("rank", "")),
                    Double.parseDouble(metadata.getOrDefault("alpha", "")),
                    List.of(metadata.getOrDefault("targets", "").split(",")),
                    tensors(content));
        } catch (IllegalArgumentException e) {
            throw new ModelException(name + ": the metadata lacks rank, alpha or targets", e);
        }
    }

    public static SortedMap<String, HostTensor> tensors(Safetensors content) {
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        content.shapes().keySet().forEach(tensor -> tensors.put(tensor, content.tensor(tensor)));
        return tensors;
    }

    /**
     * Writes a PEFT directory: adapter_config.json, adapter_model.safetensors, README.md.
     *
     * @param baseModel what adapter_config.json calls the base
     * @param baseHash {@link ModelDirectory#hash()} of the base, by which another base is refused later
     * @param card text of README.md below its head
     */
    public void writePeft(Path directory, String baseModel, String baseHash, String card) {
        PeftDirectory.write(this, directory, baseModel, baseHash, card);
    }

    /** Reads a PEFT directory. @throws ModelException naming what is wrong */
    public static Adapter readPeft(Path directory) {
        return PeftDirectory.read(directory);
    }

    /** Reads a PEFT directory for a base. @throws ModelException also when it was made for another base */
    public static Adapter readPeft(Path directory, ModelDirectory base) {
        return PeftDirectory.readFor(directory, base);
    }
}
