package ai.consilium.policy.input;

import ai.consilium.policy.ModelException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a model's chat template says before the first user's turn. The turns are laid out as in every template of this
 * architecture; whether a system's turn with a standing text opens the chat differs from model to model.
 *
 * @param opening the system's turn, mark-up included; empty when the template has none
 */
public record ChatTemplate(String opening) {
    /** A system's turn that is plain text, whatever the condition around it. */
    private static final Pattern SYSTEM = Pattern.compile("<\\|im_start\\|>system\\n[^{}<]*<\\|im_end\\|>\\n");

    /** In the order in which transformers looks. */
    private static final List<String> JSON_FILES = List.of("chat_template.json", "tokenizer_config.json");

    /** Reads the template of a model directory, wherever it stands. @throws ModelException naming the file */
    public static ChatTemplate read(Path directory) {
        Path own = directory.resolve("chat_template.jinja");
        try {
            if (Files.isRegularFile(own)) {
                return of(Files.readString(own));
            }
            for (String name : JSON_FILES) {
                Path file = directory.resolve(name);
                if (Files.isRegularFile(file)) {
                    String template = new ObjectMapper()
                            .readTree(file.toFile())
                            .path("chat_template")
                            .asText("");
                    if (!template.isEmpty()) {
                        return of(template);
                    }
                }
            }
            return of("");
        } catch (IOException e) {
            throw new ModelException(directory + ": the chat template cannot be read: " + e.getMessage(), e);
        }
    }

    private static ChatTemplate of(String template) {
        Matcher system = SYSTEM.matcher(template);
        return new ChatTemplate(system.find() ? system.group() : "");
    }
}
