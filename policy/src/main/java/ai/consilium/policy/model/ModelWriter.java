package ai.consilium.policy.model;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.format.Safetensors;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes model directories in Hugging Face's layout. */
public final class ModelWriter {
    private static final String WEIGHTS = "model.safetensors";
    private static final String CONFIG = "config.json";
    private static final String PREPROCESSOR = "preprocessor_config.json";

    private ModelWriter() {}

    /**
     * Makes a directory that holds a tokenizer.json a whole model: config.json, random weights from a seed, and, unless it
     * is there, preprocessor_config.json with the bounds of Qwen2.5-VL in merged patches (4 to 1280).
     *
     * @throws ModelException when the directory lacks tokenizer.json
     */
    public static void initialise(Path directory, QwenConfig config, long seed) {
        describe(directory, config);
        Random random = new Random(seed);
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        for (WeightLayout.Part part : WeightLayout.parts(config)) {
            tensors.put(part.name(), initial(part, config, random));
        }
        try {
            replace(directory, tensors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes what a model has beside tokenizer and weights. @throws ModelException when there is no tokenizer.json */
    static void describe(Path directory, QwenConfig config) {
        if (!Files.isRegularFile(directory.resolve("tokenizer.json"))) {
            throw new ModelException(directory + ": lacks tokenizer.json");
        }
        config.write(directory.resolve(CONFIG));
        try {
            if (!Files.exists(directory.resolve(PREPROCESSOR))) {
                Files.writeString(directory.resolve(PREPROCESSOR), preprocessor(config.vision()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Another file takes the name: whoever has mapped the old one keeps it. */
    private static void replace(Path directory, SortedMap<String, HostTensor> tensors) throws IOException {
        Path partial = directory.resolve(WEIGHTS + ".partial");
        Files.write(partial, Safetensors.write(tensors, Map.of()));
        Files.move(partial, directory.resolve(WEIGHTS), StandardCopyOption.REPLACE_EXISTING);
    }

    /** Norms 1, biases 0, embedding 0.05, maps N(0, 1/in), and less where they add to the residual stream. */
    private static HostTensor initial(WeightLayout.Part part, QwenConfig config, Random random) {
        float[] values = new float[Math.toIntExact(part.size())];
        double deviation = deviation(part, config);
        for (int i = 0; i < values.length; i++) {
            values[i] = part.shape().size() == 1
                    ? (part.name().endsWith("bias") ? 0 : 1)
                    : (float) (random.nextGaussian() * deviation);
        }
        return part.tensor(values);
    }

    static double deviation(WeightLayout.Part part, QwenConfig config) {
        if (part.name().equals("model.embed_tokens.weight")) {
            return 0.05;
        }
        boolean residual = List.of("o_proj.weight", "down_proj.weight", "attn.proj.weight").stream()
                .anyMatch(part.name()::endsWith);
        return (residual ? 1 / Math.sqrt(2.0 * config.layers()) : 1) / Math.sqrt((double) part.width());
    }

    private static String preprocessor(QwenConfig.Vision vision) {
        long merged = (long) vision.patch() * vision.merge() * vision.patch() * vision.merge();
        ObjectNode root = new ObjectMapper().createObjectNode();
        root.put("image_processor_type", "Qwen2VLImageProcessor").put("processor_class", "Qwen2_5_VLProcessor");
        root.put("patch_size", vision.patch()).put("temporal_patch_size", vision.temporalPatch());
        root.put("merge_size", vision.merge());
        root.put("min_pixels", 4 * merged).put("max_pixels", 1280 * merged);
        root.putArray("image_mean").add(0.48145466).add(0.4578275).add(0.40821073);
        root.putArray("image_std").add(0.26862954).add(0.26130258).add(0.27577711);
        return root.toPrettyString() + "\n";
    }

    /** Writes weights with the config, tokenizer and preprocessor of another directory. */
    public static void write(Path directory, ModelDirectory like, SortedMap<String, HostTensor> tensors) {
        try {
            Files.createDirectories(directory);
            for (String file : like.configuration()) {
                Path from = like.path().resolve(file);
                if (!Files.exists(directory.resolve(file)) || !Files.isSameFile(from, directory.resolve(file))) {
                    Files.copy(from, directory.resolve(file), StandardCopyOption.REPLACE_EXISTING);
                }
            }
            replace(directory, tensors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
