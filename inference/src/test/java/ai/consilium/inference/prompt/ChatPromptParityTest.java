package ai.consilium.inference.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.cases.prompt.PromptText;
import ai.consilium.policy.input.ChatTemplate;
import ai.consilium.policy.input.Tokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same token ids for cases in the clinical layout as transformers gives; see tests/parity/make_chat_fixture.py. */
class ChatPromptParityTest {
    private static final Path FIXTURES = Path.of("src", "test", "resources", "parity", "chat");
    /** Directories of real models' tokenizers with fixtures, separated by colons. */
    private static final String REAL = "CONSILIUM_CHAT_FIXTURES";

    private static final PromptLayout LAYOUT = PromptLayouts.clinical();

    @ParameterizedTest
    @ValueSource(strings = {"qwen", "gpt2"})
    void givenAwkwardCasesThenTheirIdsAreThoseOfTransformers(String name) throws IOException {
        check(FIXTURES.resolve(name));
    }

    @Test
    void givenARealModelsTokenizerThenTheIdsAreThoseOfTransformers() throws IOException {
        String named = System.getenv(REAL);
        assumeTrue(named != null, REAL + " names no directories: skipped");
        for (String directory : named.split(File.pathSeparator)) {
            check(Path.of(directory));
        }
    }

    private static void check(Path directory) throws IOException {
        Tokenizer tokenizer = Tokenizer.read(directory.resolve("tokenizer.json"));
        ChatEncoder chat = new ChatEncoder(tokenizer, ChatTemplate.read(directory), 2);
        JsonNode fixture =
                new ObjectMapper().readTree(directory.resolve("fixture.json").toFile());

        assertThat(fixture.size()).isGreaterThanOrEqualTo(40);
        for (JsonNode one : fixture) {
            Case of = caseOf(one);
            List<PromptText> prompts = LAYOUT.perspectives().stream()
                    .map(perspective -> LAYOUT.prompt(of, perspective))
                    .toList();
            int asked = LAYOUT.perspectives().indexOf(one.path("perspective").asText());

            int[] ids = chat.encode(prompts.get(asked));

            assertThat(ids).as(of.question()).containsExactly(ids(one.path("ids")));
            ChatEncoder.Group group = chat.encode(prompts);
            assertThat(concat(group.prefix(), group.rests().get(asked))).containsExactly(ids);
            assertThat(group.rests()).allMatch(rest -> rest.length > 0);
            assertThat(tokenizer.decode(ids))
                    .as("nothing of a case is lost")
                    .contains(Normalizer.normalize(prompts.get(asked).user().text(), Normalizer.Form.NFC));
        }
    }

    private static Case caseOf(JsonNode one) {
        return new Case(
                "x",
                "pediatrics",
                "film",
                Collections.nCopies(one.path("images").asInt(), "a.png"),
                one.path("question").asText(),
                new TreeMap<>(texts(one.path("options"))),
                "A",
                texts(one.path("context")),
                null,
                Map.of(),
                "test");
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new LinkedHashMap<>();
        object.properties()
                .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
        return texts;
    }

    private static int[] ids(JsonNode list) {
        int[] ids = new int[list.size()];
        Arrays.setAll(ids, i -> list.path(i).asInt());
        return ids;
    }

    private static int[] concat(int[] first, int[] second) {
        int[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
