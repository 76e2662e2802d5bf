package ai.consilium.inference.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.prompt.MarkedText;
import ai.consilium.cases.prompt.PromptText;
import ai.consilium.policy.image.ImageSettings;
import ai.consilium.policy.input.ImageProcessor.Pixels;
import ai.consilium.policy.model.ModelDirectory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same token ids as transformers' processor with the published chat template; see tests/parity. */
class ChatParityTest {
    private static final Path FIXTURES = Path.of("..", "policy", "src", "test", "resources", "parity");

    @ParameterizedTest
    @ValueSource(strings = {"one-image", "two-images", "text-only"})
    void givenImagesAndTextThenTheTokensAreTheProcessors(String name) throws IOException {
        Path directory = FIXTURES.resolve(name);
        JsonNode fixture =
                new ObjectMapper().readTree(directory.resolve("fixture.json").toFile());
        ModelDirectory model = ModelDirectory.open(directory);
        List<Pixels> images = new ArrayList<>();
        for (int i = 0; i < fixture.path("grids").size(); i++) {
            images.add(model.images().process(directory.resolve("image-" + i + ".png"), ImageSettings.of(1_000_000)));
        }
        ChatEncoder chat = new ChatEncoder(model);
        PromptText prompt = new PromptText(
                MarkedText.NONE,
                images.size(),
                MarkedText.written(fixture.path("text").asText()));

        int[] ids = chat.expand(name, chat.encode(prompt), images);

        assertThat(Arrays.stream(ids))
                .containsExactlyElementsOf(
                        IntStream.range(0, fixture.path("prompt").size())
                                .map(i -> fixture.path("prompt").path(i).asInt())
                                .boxed()
                                .toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"models/tiny", "policy/src/test/resources/parity/text-only"})
    void givenACompletionThenThePiecesOfItsTokensAreTogetherItsText(String name) {
        ChatEncoder chat = new ChatEncoder(ModelDirectory.open(Path.of("..", name.split("/"))));
        // The tokens of some characters are single bytes.
        int[] tokens =
                chat.encode(MarkedText.written("<think> fever 38.5 °C, Größe α → 😷 no </think> <answer> a </answer>"));

        List<String> pieces = chat.pieces(tokens);

        assertThat(pieces).hasSize(tokens.length);
        assertThat(String.join("", pieces)).isEqualTo(chat.decode(tokens));
        assertThat(pieces).noneMatch(piece -> piece.contains("\ufffd"));
        assertThat(chat.pieces(new int[0])).isEmpty();
    }
}
