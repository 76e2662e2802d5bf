package ai.consilium.policy.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StopTokensTest {
    private static final int TURN_END = RandomModel.SPECIAL.indexOf("<|im_end|>");

    private final Path directory;

    StopTokensTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        RandomModel.create(directory, RandomModel.small(), 3);
    }

    private ModelDirectory naming(String generationConfig) throws IOException {
        Files.writeString(directory.resolve("generation_config.json"), generationConfig);
        return ModelDirectory.open(directory);
    }

    @Test
    void givenNoGenerationConfigThenTheTurnsEndIsTheOnlyOne() {
        ModelDirectory model = ModelDirectory.open(directory);

        assertThat(model.stopTokens().ids()).containsExactly(TURN_END);
        assertThat(model.stopTokens().texts(model.tokenizer())).containsExactly("<|im_end|>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"eos_token_id\": null}", "{\"eos_token_id\": []}", "{\"eos_token_id\": 2}"})
    void givenAGenerationConfigThatNamesNoOtherThenTheTurnsEndIsTheOnlyOne(String json) throws IOException {
        assertThat(naming(json).stopTokens().ids()).containsExactly(TURN_END);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"eos_token_id\": 0}", "{\"eos_token_id\": [2, 0]}", "{\"eos_token_id\": [0]}"})
    void givenAnotherEndTokenThenBothEndACompletion(String json) throws IOException {
        ModelDirectory model = naming(json);

        assertThat(model.stopTokens().ids()).containsExactly(0, TURN_END);
        assertThat(model.stopTokens().texts(model.tokenizer())).containsExactly("<|endoftext|>", "<|im_end|>");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"eos_token_id": 96}      | eos_token_id 96 is no token of tokenizer.json, whose ids end at 95
                    {"eos_token_id": [2, -1]} | eos_token_id -1 is no token of tokenizer.json, whose ids end at 95
                    {"eos_token_id": "2"}     | eos_token_id must be an id or a list of ids, not "2"
                    {"eos_token_id": [2.5]}   | eos_token_id must be an id or a list of ids, not 2.5
                    {"eos_token_id":          | Unexpected end-of-input
                    """)
    void givenAnIdThatCannotBeUsedThenItIsRefusedByFileAndName(String json, String problem) {
        assertThatThrownBy(() -> naming(json))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith(directory.resolve("generation_config.json") + ": ")
                .hasMessageContaining(problem);
    }
}
