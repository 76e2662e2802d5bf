package ai.consilium.cases.prompt;

import ai.consilium.cases.format.CaseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;

/** Reads prompt layouts from YAML (docs/PROMPTS.md): a file of the user's, or one that is shipped. */
public final class PromptLayouts {
    /** How the configuration names a shipped layout, for example {@code shipped:clinical}. */
    private static final String SHIPPED_PREFIX = "shipped:";

    private static final List<String> SHIPPED = List.of("clinical", "canonical");

    private static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Text as it stands in a case, instructions in sentences: what a pretrained model is asked with. */
    public static PromptLayout clinical() {
        return shipped("clinical");
    }

    /** Lower-case words: what models/tiny was trained on. */
    public static PromptLayout canonical() {
        return shipped("canonical");
    }

    /**
     * Reads a layout.
     *
     * @param named a path relative to {@code base}, or a shipped one's name
     * @throws CaseException naming file, line and field
     */
    public static PromptLayout read(String named, Path base) {
        if (named.startsWith(SHIPPED_PREFIX)) {
            return shipped(named.substring(SHIPPED_PREFIX.length()));
        }
        Path path = base.resolve(named);
        if (!Files.isRegularFile(path)) {
            throw new CaseException("prompts: no such file: " + path + "; the layouts included are " + included());
        }
        try {
            return parse(named, path.toString(), Files.readString(path));
        } catch (IOException e) {
            throw new CaseException("prompts: cannot read " + path + ": " + e, e);
        }
    }

    private static String included() {
        return SHIPPED.stream().map(SHIPPED_PREFIX::concat).collect(Collectors.joining(", "));
    }

    private static PromptLayout shipped(String name) {
        if (!SHIPPED.contains(name)) {
            throw new CaseException(
                    "prompts: '" + SHIPPED_PREFIX + name + "' does not exist; the layouts included are " + included());
        }
        String named = SHIPPED_PREFIX + name;
        try (InputStream in = PromptLayouts.class.getResourceAsStream("layouts/" + name + ".yaml")) {
            if (in == null) {
                throw new IOException("resource of layout " + name + " is missing");
            }
            return parse(named, named, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PromptLayout parse(String name, String where, String yaml) {
        try {
            JsonNode root = YAML.readTree(yaml);
            if (!root.isObject()) {
                throw new CaseException(where + ":1: a prompt layout is a YAML object");
            }
            // Of the content: a comment or the order of keys changes no prompt.
            String content = JSON.writeValueAsString(YAML.treeToValue(root, java.util.TreeMap.class));
            return new PromptLayout(name, DigestUtils.sha256Hex(content), YAML.readValue(yaml, LayoutFile.class));
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new CaseException(where + ":" + line + ": " + reason(e), e);
        } catch (IllegalArgumentException e) {
            throw new CaseException(where + ": " + e.getMessage(), e);
        }
    }

    private static String reason(JsonProcessingException broken) {
        Throwable cause = broken.getCause();
        String message = cause instanceof NullPointerException || cause instanceof IllegalArgumentException
                ? String.valueOf(cause.getMessage())
                : broken.getOriginalMessage();
        String path = broken instanceof JsonMappingException mapping
                ? mapping.getPath().stream()
                        .map(step -> String.valueOf(step.getFieldName()))
                        .collect(Collectors.joining("."))
                : "";
        return ((path.isEmpty() ? "" : path + ": ") + message).replaceAll("\\s*\\R\\s*", " ");
    }

    private PromptLayouts() {}
}
