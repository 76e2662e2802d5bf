package ai.consilium.policy.input;

import ai.consilium.policy.ModelException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The tokens that end a completion: that of the turn's end, and those that the model's generation_config.json names as
 * {@code eos_token_id}. A completion holds the one that ended it.
 *
 * @param ids ascending; at least one
 */
public record StopTokens(SortedSet<Integer> ids) {
    private static final String TURN_END = "<|im_end|>";
    private static final String FILE = "generation_config.json";
    private static final String KEY = "eos_token_id";

    /** Keeps a copy. */
    public StopTokens {
        ids = Collections.unmodifiableSortedSet(new TreeSet<>(ids));
    }

    /**
     * Of a model directory; without a generation_config.json, or where that names none, the turn's end alone.
     *
     * @throws ModelException naming the file, when it cannot be read or names an id that is no token
     */
    public static StopTokens read(Path directory, Tokenizer tokenizer) {
        SortedSet<Integer> ids = new TreeSet<>();
        ids.add(tokenizer.id(TURN_END));
        Path file = directory.resolve(FILE);
        if (Files.isRegularFile(file)) {
            JsonNode named = json(file).path(KEY);
            if (named.isArray()) {
                named.forEach(id -> ids.add(known(file, id, tokenizer)));
            } else if (!named.isMissingNode() && !named.isNull()) {
                ids.add(known(file, named, tokenizer));
            }
        }
        return new StopTokens(ids);
    }

    private static JsonNode json(Path file) {
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new ModelException(file + ": " + e.getMessage(), e);
        }
    }

    private static int known(Path file, JsonNode id, Tokenizer tokenizer) {
        if (!id.isInt()) {
            throw new ModelException(file + ": " + KEY + " must be an id or a list of ids, not " + id);
        }
        if (!tokenizer.ids().contains(id.intValue())) {
            throw new ModelException(file + ": " + KEY + " " + id + " is no token of tokenizer.json, whose ids end at "
                    + (tokenizer.size() - 1));
        }
        return id.intValue();
    }

    /** Whether a token ends a completion. */
    public boolean contains(int id) {
        return ids.contains(id);
    }

    /** As they stand at the end of a completion's text; without those that are white space, which no text shows. */
    public List<String> texts(Tokenizer tokenizer) {
        return ids.stream()
                .map(id -> tokenizer.decode(new int[] {id}).strip())
                .filter(text -> !text.isEmpty())
                .toList();
    }
}
