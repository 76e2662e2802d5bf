package ai.consilium.policy.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.input.ChatTemplate.Segment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class ChatTemplateTest {
    private static final Path PARITY = Path.of("src", "test", "resources", "parity");

    @TempDir
    Path directory;

    @Test
    void givenTheTemplateOfQwenThenASystemOfItsOwnStandsOnlyWhereNoneIsGiven() {
        ChatTemplate template = ChatTemplate.read(PARITY.resolve("one-image"));

        assertThat(text(template, true, 2))
                .isEqualTo("<|im_start|>system\n[system]<|im_end|>\n<|im_start|>user\n"
                        + "<|vision_start|><|image_pad|><|vision_end|>".repeat(2)
                        + "[user]<|im_end|>\n<|im_start|>assistant\n");
        assertThat(text(template, false, 0))
                .isEqualTo(
                        "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n[user]<|im_end|>\n"
                                + "<|im_start|>assistant\n");
    }

    @Test
    void givenNoTemplateThenTheTurnsAreChatMls() {
        assertThat(text(ChatTemplate.read(directory), true, 1))
                .isEqualTo("<|im_start|>system\n[system]<|im_end|>\n<|im_start|>user\n"
                        + "<|vision_start|><|image_pad|><|vision_end|>[user]<|im_end|>\n<|im_start|>assistant\n");
    }

    /** What Jinja2 3.1.6 gives with trim_blocks and lstrip_blocks. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '§',
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "a {% if true %}b{% endif %} c§a b c",
                "a\\n  {% if true %}\\nb\\n  {% endif %}\\nc§a\\nb\\nc",
                "a\\n  {%- if true -%}  \\n b {%- endif %} c§ab c",
                "a {# note #}\\n b§a  b",
                "{% set x = namespace(n=0) %}{% for i in [1, 2] %}{% set x.n = x.n + i %}{% endfor %}{{ x.n }}§3",
                "{{ 'x' ~ 1 }}{{ ' y ' | trim }}\\n§x1y\\n"
            })
    void givenBlocksThenWhiteSpaceAroundThemIsThatOfTransformers(String source, String expected) throws IOException {
        String user = "{{ messages[-1]['content'] }}";
        write(source.replace("\\n", "\n") + user);

        assertThat(text(ChatTemplate.read(directory), false, 0)).isEqualTo(expected.replace("\\n", "\n") + "[user]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{{ messages[0]['content'] }}{{ raise_exception('no images') }}| raise_exception",
                "{% for message in messages %}hello{% endfor %}| has 0 places for the user's text where 1 are needed",
                "{% if %}| line 1",
                "{{ messages[0]['content'] }}| has 0 places for images where 1 are needed"
            })
    void givenATemplateThatCannotTakeAPromptThenItIsRefusedByName(String source, String message) throws IOException {
        write(source);
        ChatTemplate template = ChatTemplate.read(directory);

        assertThatThrownBy(() -> template.prompt(false, 1))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("chat_template.jinja")
                .hasMessageContaining(message);
    }

    @Test
    void givenSeveralNamedTemplatesThenTheDefaultOneIsTaken() throws IOException {
        Files.writeString(directory.resolve("tokenizer_config.json"), """
                {"chat_template": [{"name": "rag", "template": "no"},
                                   {"name": "default", "template": "yes {{ messages[0].content }}"}]}
                """);

        assertThat(text(ChatTemplate.read(directory), false, 0)).isEqualTo("yes [user]");
    }

    private void write(String source) throws IOException {
        Files.writeString(directory.resolve("chat_template.jinja"), source);
    }

    private static String text(ChatTemplate template, boolean system, int images) {
        return template.prompt(system, images).stream()
                .map(segment -> segment instanceof Segment.Markup markup
                        ? markup.text()
                        : segment instanceof Segment.SystemText ? "[system]" : "[user]")
                .collect(Collectors.joining());
    }
}
