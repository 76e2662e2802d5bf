package ai.consilium.testing;

import ai.consilium.cases.clinic.Vocabulary;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.ModelWriter;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.sampling.Sampler;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;

/** A loaded model of some ten thousand random weights that knows the clinic's words. It is real, only unlearned. */
public final class TinyPolicy implements AutoCloseable {
    private static final List<String> TARGETS = List.of("q_proj", "v_proj");

    private final Compute compute;
    private final PolicyModel model;
    private final Sampler sampler;

    private TinyPolicy(Compute compute, PolicyModel model) {
        this.compute = compute;
        this.model = model;
        this.sampler = new Sampler(model, compute);
    }

    /** Writes one into an empty directory and loads it. */
    public static TinyPolicy create(Path directory, long seed) {
        write(directory, seed);
        Compute compute = new Compute(1);
        return new TinyPolicy(compute, PolicyModel.load(ModelDirectory.open(directory), compute));
    }

    /** Writes one into an empty directory. */
    public static void write(Path directory, long seed) {
        writeTokenizer(directory);
        try {
            ModelDirectory.writePrompts(directory, "shipped:canonical");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ModelWriter.initialise(directory, config(), seed);
    }

    /** Its compute threads. */
    public Compute compute() {
        return compute;
    }

    /** The model. */
    public PolicyModel model() {
        return model;
    }

    /** A sampler over it. */
    public Sampler sampler() {
        return sampler;
    }

    /** An adapter that changes what is sampled: B is not zero. */
    public Adapter adapter(long seed) {
        Adapter adapter = Adapter.initial(model.directory(), 2, 4, TARGETS, seed);
        Random random = new Random(seed);
        adapter.tensors().forEach((name, tensor) -> {
            if (name.contains("lora_B")) {
                for (int i = 0; i < tensor.values().length; i++) {
                    tensor.values()[i] = (float) random.nextGaussian();
                }
            }
        });
        return adapter;
    }

    @Override
    public void close() {
        sampler.close();
        model.close();
        compute.close();
    }

    private static QwenConfig config() {
        List<String> words = Vocabulary.tokens();
        return new QwenConfig(
                words.size(),
                32,
                48,
                2,
                4,
                2,
                1e-6,
                10_000,
                List.of(1, 1, 2),
                true,
                words.indexOf("<|image_pad|>"),
                words.indexOf("<|vision_start|>"),
                words.indexOf("<|vision_end|>"),
                OptionalInt.empty(),
                new QwenConfig.Vision(1, 32, 40, 2, 4, 2, 2, 16, List.of(0)));
    }

    private static void writeTokenizer(Path directory) {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode().put("version", "1.0");
        List<String> words = Vocabulary.tokens();
        ArrayNode added = root.putArray("added_tokens");
        for (String special : Vocabulary.special()) {
            added.addObject()
                    .put("id", words.indexOf(special))
                    .put("content", special)
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        }
        root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        root.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", false);
        ObjectNode model = root.putObject("model");
        model.put("type", "WordPiece")
                .put("unk_token", Vocabulary.UNKNOWN)
                .put("continuing_subword_prefix", Vocabulary.CONTINUES)
                .put("max_input_chars_per_word", 100);
        ObjectNode ids = model.putObject("vocab");
        for (int id = 0; id < words.size(); id++) {
            ids.put(words.get(id), id);
        }
        try {
            Files.writeString(directory.resolve("tokenizer.json"), json.writeValueAsString(root));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
