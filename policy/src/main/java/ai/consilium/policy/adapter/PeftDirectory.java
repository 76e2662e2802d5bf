package ai.consilium.policy.adapter;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.format.Safetensors;
import ai.consilium.policy.model.ModelDirectory;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The directory layout of Hugging Face's PEFT: adapter_config.json, adapter_model.safetensors and a card. */
public final class PeftDirectory {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONFIG = "adapter_config.json";
    /** Name of the file of weights. */
    public static final String WEIGHTS = "adapter_model.safetensors";
    /** In the weights' metadata: PEFT refuses keys of adapter_config.json that it does not know. */
    private static final String BASE_HASH = "base_hash";

    /**
     * transformers moved the decoder one level down in 4.52. Adapters of either kind are read; the newer is written, because
     * PEFT ignores the older there with no more than a warning.
     */
    private static final String NESTED = "base_model.model.model.language_model.layers.";

    private static final String FLAT = "base_model.model.model.layers.";

    /** What PEFT puts before a module's name. */
    static final String ROOT = "base_model.model.";

    private PeftDirectory() {}

    static void write(Adapter adapter, Path directory, String baseModel, String baseHash, String card) {
        ObjectNode config = JSON.createObjectNode();
        config.put("peft_type", "LORA").put("task_type", "CAUSAL_LM");
        config.put("base_model_name_or_path", baseModel);
        config.put("r", adapter.rank()).put("lora_alpha", adapter.alpha()).put("lora_dropout", 0.0);
        config.put("bias", "none").put("fan_in_fan_out", false).put("inference_mode", true);
        config.put("use_rslora", false).put("use_dora", false);
        // A pattern: a plain list would also match gate_proj, up_proj and down_proj of the vision tower's blocks.
        config.put(
                "target_modules", ".*layers\\.\\d+\\.(self_attn|mlp)\\.(" + String.join("|", adapter.targets()) + ")");
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve(CONFIG), config.toPrettyString() + "\n");
            Files.write(directory.resolve(WEIGHTS), weights(adapter, baseHash));
            Files.writeString(directory.resolve("README.md"), head(baseModel) + card);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The name that current PEFT gives a tensor. */
    public static String nested(String name) {
        return name.replace(FLAT, NESTED);
    }

    /** The name that {@link Adapter} gives a tensor of either kind. */
    public static String flat(String name) {
        return name.replace(NESTED, FLAT);
    }

    /** Content of the file of weights. @param baseHash of the base that the adapter was made for */
    public static byte[] weights(Adapter adapter, String baseHash) {
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        adapter.tensors().forEach((name, tensor) -> tensors.put(nested(name), tensor));
        Map<String, String> metadata = new TreeMap<>(adapter.metadata());
        metadata.put(BASE_HASH, baseHash);
        return Safetensors.write(tensors, metadata);
    }

    /** What the hub reads from a model card. */
    private static String head(String baseModel) {
        return "---\nbase_model: " + baseModel + "\nlibrary_name: peft\ntags: [lora, medical, consilium]\n---\n\n";
    }

    static Adapter readFor(Path directory, ModelDirectory base) {
        Adapter adapter = read(directory);
        String recorded =
                Safetensors.open(directory.resolve(WEIGHTS)).metadata().getOrDefault(BASE_HASH, "");
        if (!recorded.isEmpty() && !recorded.equals(base.hash())) {
            throw new ModelException(directory + ": made for another base than " + base.path() + ": its " + BASE_HASH
                    + " is " + recorded + ", not " + base.hash());
        }
        try {
            ResidentAdapter.check(adapter, base.config());
            return adapter;
        } catch (ModelException e) {
            throw new ModelException(
                    directory + ": made for another base than " + base.path() + ": " + e.getMessage(), e);
        }
    }

    static Adapter read(Path directory) {
        for (String file : List.of(CONFIG, WEIGHTS)) {
            if (!Files.isRegularFile(directory.resolve(file))) {
                throw new ModelException(directory + ": lacks " + file);
            }
        }
        PeftConfig config = PeftConfig.read(directory.resolve(CONFIG));
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        Adapter.tensors(Safetensors.open(directory.resolve(WEIGHTS)))
                .forEach((name, tensor) -> tensors.put(flat(name), tensor));
        try {
            return config.adapter(tensors);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new ModelException(directory.resolve(CONFIG) + ": " + e.getMessage(), e);
        }
    }
}
