package ai.consilium.policy.model;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.format.SafetensorsWriter;
import ai.consilium.policy.format.SafetensorsWriter.Form;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Writes models of any size with random weights, in BF16 and in shards, as large models are published. Nothing larger than a
 * block is ever in memory. For measuring: time and memory do not depend on what the weights are.
 */
public final class RandomShards {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BLOCK = 1 << 20;

    private RandomShards() {}

    /**
     * Makes a directory that holds a tokenizer.json a whole model.
     *
     * @param shardBytes what a shard holds at most, unless it is one tensor
     * @throws ModelException when the directory lacks tokenizer.json
     */
    public static void write(Path directory, QwenConfig config, long seed, long shardBytes) {
        ModelWriter.describe(directory, config);
        List<SortedMap<String, WeightLayout.Part>> shards = shards(config, shardBytes);
        ObjectNode index = JSON.createObjectNode();
        long total = WeightLayout.parts(config).stream()
                .mapToLong(part -> form(part).bytes())
                .sum();
        index.putObject("metadata").put("total_size", total);
        ObjectNode map = index.putObject("weight_map");
        SplittableRandom random = new SplittableRandom(seed);
        try {
            for (int i = 0; i < shards.size(); i++) {
                String name = String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
                SortedMap<String, WeightLayout.Part> shard = shards.get(i);
                shard.keySet().forEach(tensor -> map.put(tensor, name));
                write(directory.resolve(name), shard, config, random);
            }
            Files.writeString(directory.resolve("model.safetensors.index.json"), index.toPrettyString() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<SortedMap<String, WeightLayout.Part>> shards(QwenConfig config, long shardBytes) {
        List<SortedMap<String, WeightLayout.Part>> shards = new ArrayList<>();
        SortedMap<String, WeightLayout.Part> last = new TreeMap<>();
        long bytes = 0;
        for (WeightLayout.Part part : WeightLayout.parts(config)) {
            long own = form(part).bytes();
            if (shards.isEmpty() || bytes + own > shardBytes) {
                last = new TreeMap<>();
                shards.add(last);
                bytes = 0;
            }
            last.put(part.name(), part);
            bytes += own;
        }
        return shards;
    }

    private static Form form(WeightLayout.Part part) {
        return new Form(part.shape().stream().mapToLong(Long::longValue).toArray(), true);
    }

    private static void write(
            Path file, SortedMap<String, WeightLayout.Part> parts, QwenConfig config, SplittableRandom random)
            throws IOException {
        SortedMap<String, Form> forms = new TreeMap<>();
        parts.forEach((name, part) -> forms.put(name, form(part)));
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), BLOCK)) {
            SafetensorsWriter.stream(
                    out,
                    forms,
                    Map.of(),
                    (name, form, to) -> values(to, form, values(parts, name, config), random.split()));
        }
    }

    /** The 65,536 values that a weight may have: uniform, with the deviation of {@link ModelWriter}; one where it has only one. */
    private static short[] values(SortedMap<String, WeightLayout.Part> parts, String name, QwenConfig config) {
        WeightLayout.Part part = Objects.requireNonNull(parts.get(name));
        if (part.shape().size() == 1) {
            return new short[] {SafetensorsWriter.rounded(name.endsWith("bias") ? 0 : 1)};
        }
        double widest = Math.sqrt(3) * ModelWriter.deviation(part, config);
        short[] values = new short[1 << 16];
        for (int i = 0; i < values.length; i++) {
            values[i] = SafetensorsWriter.rounded((float) (widest * (2.0 * i / (values.length - 1) - 1)));
        }
        return values;
    }

    private static void values(OutputStream out, Form form, short[] values, SplittableRandom random)
            throws IOException {
        byte[] block = new byte[BLOCK];
        for (long left = form.bytes(); left > 0; left -= BLOCK) {
            int length = (int) Math.min(left, BLOCK);
            long bits = 0;
            for (int i = 0; i < length; i += 2) {
                bits = i % 8 == 0 ? random.nextLong() : bits >>> 16;
                short value = values[(int) (bits & (values.length - 1))];
                block[i] = (byte) value;
                block[i + 1] = (byte) (value >> 8);
            }
            out.write(block, 0, length);
        }
    }
}
