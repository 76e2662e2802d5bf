package ai.consilium.policy.input;

import ai.consilium.policy.ModelException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.RenderResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The chat template of a model directory: the mark-up that its processor puts around the turns of a chat. It is evaluated as
 * transformers does it (a Jinja environment with {@code trim_blocks} and {@code lstrip_blocks}), once for each form of a chat,
 * with placeholders for the texts: so no text is ever evaluated, and none can become mark-up. Thread-safe.
 */
public final class ChatTemplate {
    /** The turns of ChatML, for a directory that has no template. */
    static final String CHAT_ML = "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
            + "{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for part in message['content'] %}"
            + "{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part['text'] }}"
            + "{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
            + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private static final String IMAGE = "<|image_pad|>";
    private static final String SYSTEM = "\uE000system\uE001";
    private static final String USER = "\uE000user\uE001";
    private static final Pattern PLACE = Pattern.compile("\uE000(?:system|user)\uE001");

    /** White space beside a tag with a hyphen. */
    private static final Pattern HYPHEN_BEFORE = Pattern.compile("\\s*(\\{[%{#])-");

    private static final Pattern HYPHEN_AFTER = Pattern.compile("-([%}#]})\\s*");
    /** Spaces before a block that is the first thing on its line. */
    private static final Pattern LSTRIP_BLOCKS = Pattern.compile("(?m)^[ \\t]+(?=\\{[%#](?!\\+))");
    /** The line end right after a block. */
    private static final Pattern TRIM_BLOCKS = Pattern.compile("([%#]})\\n");

    /** In the order in which transformers looks. */
    private static final List<String> JSON_FILES = List.of("chat_template.json", "tokenizer_config.json");

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Jinjava JINJA = new Jinjava(JinjavaConfig.newBuilder()
            .withNestedInterpretationEnabled(false)
            .withMaxOutputSize(1 << 20)
            .withLegacyOverrides(LegacyOverrides.newBuilder()
                    .withUsePyishObjectMapper(true)
                    .withIterateOverMapKeys(true)
                    .withKeepNullableLoopValues(true)
                    .build())
            .build());

    private final String where;
    private final String source;
    private final Map<Form, List<Segment>> segments = new ConcurrentHashMap<>();

    /** What a chat's mark-up depends on. */
    private record Form(boolean system, int images) {}

    /** A piece of a chat, in order. */
    public sealed interface Segment {
        /** The template's own text. */
        record Markup(String text) implements Segment {}

        /** Where the system's text stands. */
        record SystemText() implements Segment {}

        /** Where the user's text stands. */
        record UserText() implements Segment {}
    }

    ChatTemplate(String where, String source) {
        this.where = where;
        this.source = trimmed(source);
    }

    /** Jinja's trimming of white space, done on the source: Jinjava's takes spaces that Jinja keeps, and keeps others. */
    private static String trimmed(String source) {
        String text = source.endsWith("\n") ? source.substring(0, source.length() - 1) : source;
        text = HYPHEN_BEFORE.matcher(text).replaceAll("$1");
        text = HYPHEN_AFTER.matcher(text).replaceAll("$1");
        text = LSTRIP_BLOCKS.matcher(text).replaceAll("");
        text = TRIM_BLOCKS.matcher(text).replaceAll("$1");
        return text.replace("{%+", "{%");
    }

    /** Reads the template of a model directory, wherever it stands. @throws ModelException naming the file */
    public static ChatTemplate read(Path directory) {
        Path own = directory.resolve("chat_template.jinja");
        try {
            if (Files.isRegularFile(own)) {
                return new ChatTemplate(own.toString(), Files.readString(own));
            }
            for (String name : JSON_FILES) {
                Path file = directory.resolve(name);
                if (Files.isRegularFile(file)) {
                    String template = text(JSON.readTree(file.toFile()).path("chat_template"));
                    if (!template.isEmpty()) {
                        return new ChatTemplate(file + ": chat_template", template);
                    }
                }
            }
            return new ChatTemplate(directory.toString(), CHAT_ML);
        } catch (IOException e) {
            throw new ModelException(directory + ": the chat template cannot be read: " + e.getMessage(), e);
        }
    }

    /** A text, or of several that are named, the default one. */
    private static String text(JsonNode template) {
        for (JsonNode named : template) {
            if (named.path("name").asText("").equals("default")) {
                return named.path("template").asText("");
            }
        }
        return template.asText("");
    }

    /**
     * The mark-up of a prompt: a system's turn where it is wanted, a user's turn with images before its text, and the opening of
     * the assistant's turn. Each image is one {@code <|image_pad|>}.
     *
     * @throws ModelException when the template fails, or has no place for a part of it
     */
    public List<Segment> prompt(boolean system, int images) {
        return segments.computeIfAbsent(new Form(system, images), this::evaluate);
    }

    private List<Segment> evaluate(Form form) {
        List<Map<String, Object>> messages = new ArrayList<>();
        if (form.system()) {
            messages.add(Map.of("role", "system", "content", SYSTEM));
        }
        messages.add(Map.of("role", "user", "content", content(form.images())));
        String text = render(Map.of("messages", messages, "add_generation_prompt", true));
        requireOnce(text, SYSTEM, form.system() ? 1 : 0, "the system's turn");
        requireOnce(text, USER, 1, "the user's text");
        requireOnce(text, IMAGE, form.images(), "images");
        return split(text);
    }

    private static Object content(int images) {
        if (images == 0) {
            return USER;
        }
        List<Map<String, Object>> parts = new ArrayList<>(Collections.nCopies(images, Map.of("type", "image")));
        parts.add(Map.of("type", "text", "text", USER));
        return parts;
    }

    private String render(Map<String, Object> context) {
        RenderResult result = JINJA.renderForResult(source, context);
        if (!result.getErrors().isEmpty()) {
            throw new ModelException(
                    where + ": line " + result.getErrors().get(0).getLineno() + ": "
                            + result.getErrors().get(0).getMessage());
        }
        return result.getOutput();
    }

    private void requireOnce(String text, String part, int times, String name) {
        int found = (text.length() - text.replace(part, "").length()) / part.length();
        if (found != times) {
            throw new ModelException(where + ": the chat template has " + found + " places for " + name + " where "
                    + times + " are needed");
        }
    }

    private static List<Segment> split(String text) {
        List<Segment> segments = new ArrayList<>();
        Matcher place = PLACE.matcher(text);
        int at = 0;
        while (place.find()) {
            addMarkup(segments, text.substring(at, place.start()));
            segments.add(place.group().equals(SYSTEM) ? new Segment.SystemText() : new Segment.UserText());
            at = place.end();
        }
        addMarkup(segments, text.substring(at));
        return List.copyOf(segments);
    }

    private static void addMarkup(List<Segment> segments, String text) {
        if (!text.isEmpty()) {
            segments.add(new Segment.Markup(text));
        }
    }
}
