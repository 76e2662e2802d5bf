package ai.consilium.policy.model;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.format.Safetensors;
import ai.consilium.policy.format.StoredTensor;
import ai.consilium.policy.input.ChatTemplate;
import ai.consilium.policy.input.CompletionTokens;
import ai.consilium.policy.input.ImageProcessor;
import ai.consilium.policy.input.StopTokens;
import ai.consilium.policy.input.Tokenizer;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/** A Hugging Face model directory, checked: config, tokenizer, preprocessor and weights are there and fit together. */
public final class ModelDirectory {
    private static final String SINGLE = "model.safetensors";
    private static final String OWN = "consilium.json";
    private static final String INDEX = "model.safetensors.index.json";
    private static final String CONFIG = "config.json";
    private static final String TOKENIZER = "tokenizer.json";

    private final Path path;
    private final Path imagesFile;
    private final QwenConfig config;
    private final Tokenizer tokenizer;
    private final ImageProcessor images;
    private final ChatTemplate chat;
    private final CompletionTokens completionTokens;
    private final StopTokens stopTokens;
    private final Map<String, Found> weights;

    /** A tensor's file, and its name there. */
    private record Found(Safetensors file, String name) {}

    private ModelDirectory(Path path) {
        this.path = path;
        this.imagesFile = ImageProcessor.file(path);
        this.weights = weights(path);
        this.config = QwenConfig.read(path.resolve(CONFIG), weights.containsKey(WeightLayout.HEAD));
        this.tokenizer = Tokenizer.read(path.resolve(TOKENIZER));
        this.images = ImageProcessor.read(imagesFile);
        this.chat = ChatTemplate.read(path);
        this.completionTokens = CompletionTokens.of(config, tokenizer);
        this.stopTokens = StopTokens.read(path, tokenizer);
    }

    /** Opens and checks it. @throws ModelException naming the missing or wrong file */
    public static ModelDirectory open(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new ModelException(directory + ": no such model directory");
        }
        for (String file : List.of(CONFIG, TOKENIZER)) {
            if (!Files.isRegularFile(directory.resolve(file))) {
                throw new ModelException(directory + ": lacks " + file);
            }
        }
        ModelDirectory opened = new ModelDirectory(directory);
        opened.checkTogether();
        opened.checkShapes();
        return opened;
    }

    private static Map<String, Found> weights(Path path) {
        Map<String, Found> files = new LinkedHashMap<>();
        for (String shard : shards(path)) {
            Safetensors file = Safetensors.open(path.resolve(shard));
            file.shapes().keySet().forEach(tensor -> files.put(published(tensor), new Found(file, tensor)));
        }
        return files;
    }

    /** The published checkpoints' name: transformers from 4.52 on nests its modules, and some tools save them so. */
    private static String published(String tensor) {
        return tensor.replaceFirst("^model\\.language_model\\.", "model.")
                .replaceFirst("^model\\.visual\\.", "visual.");
    }

    private static SortedSet<String> shards(Path path) {
        TreeSet<String> shards = new TreeSet<>();
        if (Files.isRegularFile(path.resolve(SINGLE))) {
            shards.add(SINGLE);
        } else if (Files.isRegularFile(path.resolve(INDEX))) {
            try {
                new ObjectMapper()
                        .readTree(path.resolve(INDEX).toFile())
                        .path("weight_map")
                        .forEach(shard -> shards.add(shard.asText()));
            } catch (IOException e) {
                throw new ModelException(path.resolve(INDEX) + ": " + e.getMessage(), e);
            }
        } else {
            throw new ModelException(path + ": lacks " + SINGLE);
        }
        for (String shard : shards) {
            if (!Path.of(shard).equals(Path.of(shard).getFileName()) || !Files.isRegularFile(path.resolve(shard))) {
                throw new ModelException(path.resolve(INDEX) + ": names a shard " + shard + " that is missing");
            }
        }
        return shards;
    }

    private void checkTogether() {
        if (tokenizer.size() > config.vocabulary()) {
            throw new ModelException(path.resolve(TOKENIZER) + ": ids up to " + (tokenizer.size() - 1)
                    + ", but config.json says vocab_size " + config.vocabulary());
        }
        QwenConfig.Vision vision = config.vision();
        if (images.patch() != vision.patch()
                || images.merge() != vision.merge()
                || images.temporalPatch() != vision.temporalPatch()) {
            throw new ModelException(imagesFile
                    + ": patch_size, temporal_patch_size and merge_size differ from config.json's vision_config");
        }
    }

    private void checkShapes() {
        for (WeightLayout.Part part : WeightLayout.parts(config)) {
            Found found = found(part.name());
            long[] shape = found.file().shape(found.name());
            long[] expected = part.shape().stream().mapToLong(Long::longValue).toArray();
            if (!Arrays.equals(shape, expected)) {
                throw new ModelException(path + ": tensor " + part.name() + " has the shape " + Arrays.toString(shape)
                        + ", config.json asks for " + Arrays.toString(expected));
            }
        }
    }

    /**
     * Whether a directory holds a model that was made here: it says what it was made for, which no other does.
     *
     * @param holds whether there is a file of a name in it
     */
    public static boolean madeHere(Predicate<String> holds) {
        return holds.test(OWN);
    }

    /** Has a directory name the prompt layout that its model is made for. */
    public static void writePrompts(Path directory, String layout) throws IOException {
        new ObjectMapper().writeValue(directory.resolve(OWN).toFile(), Map.of("prompts", layout));
    }

    /** The prompt layout that it was made for: {@code prompts} in its {@code consilium.json}, which most models lack. */
    public Optional<String> prompts() {
        Path own = path.resolve(OWN);
        if (!Files.isRegularFile(own)) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(
                    new ObjectMapper().readTree(own.toFile()).path("prompts").textValue());
        } catch (IOException e) {
            throw new ModelException(own + ": " + e.getMessage(), e);
        }
    }

    /** Where it lies. */
    public Path path() {
        return path;
    }

    /** Names of the files that say what the weights are for: config, tokenizer, image processor. */
    List<String> configuration() {
        return List.of(CONFIG, TOKENIZER, path.relativize(imagesFile).toString());
    }

    /** SHA-256 over its files: names the base that an adapter belongs to. Large files are read once ({@link DirectoryHash}). */
    public String hash() {
        SortedSet<String> files = shards(path);
        files.addAll(configuration());
        return DirectoryHash.of(path, files);
    }

    /** Patches on each side of the square that the vision tower merges into one token (spatial_merge_size). */
    public int mergeSize() {
        return config().vision().merge();
    }

    /** Its tokenizer. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** Which of its ids a completion may hold. */
    public CompletionTokens completionTokens() {
        return completionTokens;
    }

    /** Which of them end it. */
    public StopTokens stopTokens() {
        return stopTokens;
    }

    /** Its image processor. */
    public ImageProcessor images() {
        return images;
    }

    /** What opens a chat with it. */
    public ChatTemplate chat() {
        return chat;
    }

    /** Its shape. */
    public QwenConfig config() {
        return config;
    }

    /** A tensor of the checkpoint as float32. */
    public HostTensor tensor(String name) {
        return found(name).file().tensor(found(name).name());
    }

    /** Whether a tensor of the checkpoint is stored as BF16. */
    public boolean brief(String name) {
        return stored(name).brief();
    }

    /** Writes a tensor's bytes as they are stored, however many there are. */
    public void copy(String name, OutputStream out) throws IOException {
        StoredTensor stored = stored(name);
        try (FileChannel file = FileChannel.open(stored.file(), StandardOpenOption.READ)) {
            WritableByteChannel to = Channels.newChannel(out);
            for (long at = stored.start(); at < stored.end(); ) {
                at += file.transferTo(at, stored.end() - at, to);
            }
        }
    }

    /** Where a tensor of the checkpoint lies. */
    StoredTensor stored(String name) {
        return found(name).file().stored(found(name).name());
    }

    private Found found(String name) {
        Found found = weights.get(name);
        if (found == null) {
            throw new ModelException(path + ": the weights lack tensor " + name);
        }
        return found;
    }
}
