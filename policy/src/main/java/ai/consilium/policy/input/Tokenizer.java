package ai.consilium.policy.input;

import ai.consilium.policy.ModelException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** tokenizer.json of a model directory, never truncating. Thread-safe. */
public final class Tokenizer {
    /** The library truncates at 512 tokens in silence unless told. */
    private static final Map<String, String> AS_WRITTEN =
            Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");

    private final Path file;
    private final HuggingFaceTokenizer tokenizer;
    private final Map<String, Integer> ids = new HashMap<>();

    private Tokenizer(Path file, HuggingFaceTokenizer tokenizer) {
        this.file = file;
        this.tokenizer = tokenizer;
    }

    /** Reads a tokenizer.json. @throws ModelException naming the file */
    public static Tokenizer read(Path file) {
        try {
            JsonNode root = new ObjectMapper().readTree(file.toFile());
            Tokenizer tokenizer = new Tokenizer(file, HuggingFaceTokenizer.newInstance(file, AS_WRITTEN));
            root.path("model")
                    .path("vocab")
                    .properties()
                    .forEach(entry ->
                            tokenizer.ids.put(entry.getKey(), entry.getValue().asInt()));
            root.path("added_tokens")
                    .forEach(token -> tokenizer.ids.put(
                            token.path("content").asText(), token.path("id").asInt()));
            return tokenizer;
        } catch (IOException | RuntimeException e) {
            throw new ModelException(file + ": " + e.getMessage(), e);
        }
    }

    /** Token ids; special tokens in the text (such as &lt;think&gt;) map to their ids; none are added. */
    public int[] encode(String text) {
        return Arrays.stream(tokenizer.encode(text, false, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    /** Text of the ids, special tokens included, single spaces between words. */
    public String decode(int[] tokens) {
        return tokenizer.decode(Arrays.stream(tokens).asLongStream().toArray(), false);
    }

    /** Id of a token. @throws ModelException when the vocabulary lacks it */
    public int id(String token) {
        Integer id = ids.get(token);
        if (id == null) {
            throw new ModelException(file + ": the vocabulary lacks " + token);
        }
        return id;
    }

    /** Ids that have a token. */
    Set<Integer> ids() {
        return Set.copyOf(ids.values());
    }

    /** The largest id, plus one: the model's vocabulary must reach that far. */
    public int size() {
        return ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
    }
}
