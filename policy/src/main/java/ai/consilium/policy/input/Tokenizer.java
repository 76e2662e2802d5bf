package ai.consilium.policy.input;

import ai.consilium.policy.ModelException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** tokenizer.json of a model directory, never truncating. Thread-safe. */
public final class Tokenizer {
    /** The library truncates at 512 tokens in silence unless told. */
    private static final Map<String, String> AS_WRITTEN =
            Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final HuggingFaceTokenizer tokenizer;
    /** Knows no mark-up: whatever it reads is text. */
    private final HuggingFaceTokenizer plain;

    private final Map<String, Integer> ids = new HashMap<>();
    private final Pattern markup;

    private Tokenizer(Path file, JsonNode root) throws IOException {
        this.file = file;
        this.tokenizer = HuggingFaceTokenizer.newInstance(file, AS_WRITTEN);
        root.path("model")
                .path("vocab")
                .properties()
                .forEach(entry -> ids.put(entry.getKey(), entry.getValue().asInt()));
        root.path("added_tokens")
                .forEach(token ->
                        ids.put(token.path("content").asText(), token.path("id").asInt()));
        Set<String> marks = markup(root);
        this.plain = marks.isEmpty()
                ? tokenizer
                : HuggingFaceTokenizer.newInstance(
                        new ByteArrayInputStream(JSON.writeValueAsBytes(without(marks, root.deepCopy()))), AS_WRITTEN);
        this.markup = Pattern.compile(marks.stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .collect(Collectors.joining("|")));
    }

    /** Reads a tokenizer.json. @throws ModelException naming the file */
    public static Tokenizer read(Path file) {
        try {
            return new Tokenizer(file, JSON.readTree(file.toFile()));
        } catch (IOException | RuntimeException e) {
            throw new ModelException(file + ": " + e.getMessage(), e);
        }
    }

    /** Added tokens that are mark-up: the special ones, and others in angle brackets, as &lt;think&gt; is in some vocabularies. */
    private static Set<String> markup(JsonNode root) {
        Set<String> marks = new TreeSet<>();
        for (JsonNode token : root.path("added_tokens")) {
            String content = token.path("content").asText();
            if (token.path("special").asBoolean() || content.startsWith("<") && content.endsWith(">")) {
                marks.add(content);
            }
        }
        return marks;
    }

    /** The tokenizer's file without its mark-up, but for what stands for the unknown. */
    private static JsonNode without(Set<String> marks, ObjectNode root) {
        String unknown = root.path("model").path("unk_token").asText("");
        Iterator<JsonNode> added = root.withArray("added_tokens").iterator();
        while (added.hasNext()) {
            if (marks.contains(added.next().path("content").asText())) {
                added.remove();
            }
        }
        if (root.path("model").path("vocab") instanceof ObjectNode vocabulary) {
            vocabulary.remove(
                    marks.stream().filter(mark -> !mark.equals(unknown)).toList());
        }
        root.putNull("post_processor");
        return root;
    }

    /** Token ids; special tokens in the text (such as &lt;think&gt;) map to their ids; none are added. */
    public int[] encode(String text) {
        return ids(tokenizer, text);
    }

    /**
     * Token ids of text of which only a part may hold mark-up. Where no literal part looks like mark-up, they are those of
     * {@link #encode(String)} for the text as one.
     */
    public int[] encode(List<TextSpan> spans) {
        IntStream.Builder tokens = IntStream.builder();
        StringBuilder run = new StringBuilder();
        for (TextSpan span : spans) {
            int at = 0;
            if (!span.literal() && !markup.pattern().isEmpty()) {
                Matcher mark = markup.matcher(span.text());
                while (mark.find()) {
                    run.append(span.text(), at, mark.start());
                    flush(run, tokens);
                    tokens.add(id(mark.group()));
                    at = mark.end();
                }
            }
            run.append(span.text(), at, span.text().length());
        }
        flush(run, tokens);
        return tokens.build().toArray();
    }

    private void flush(StringBuilder run, IntStream.Builder tokens) {
        if (!run.isEmpty()) {
            Arrays.stream(ids(plain, run.toString())).forEach(tokens::add);
            run.setLength(0);
        }
    }

    private static int[] ids(HuggingFaceTokenizer tokenizer, String text) {
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
