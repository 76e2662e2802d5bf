package ai.consilium.policy.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.model.RandomModel;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class TokenizerTest {
    @TempDir
    Path directory;

    @Test
    void givenALongTextWhenEncodedThenNothingIsCutOff() throws IOException {
        Tokenizer tokenizer =
                RandomModel.create(directory, RandomModel.small(), 1).tokenizer();

        assertThat(tokenizer.encode("w7 ".repeat(2000))).hasSize(2000).containsOnly(7);
    }

    @Test
    void givenSpecialTokensInTextWhenEncodedAndDecodedThenTheyStay() throws IOException {
        Tokenizer tokenizer =
                RandomModel.create(directory, RandomModel.small(), 1).tokenizer();

        int[] tokens = tokenizer.encode("<|im_start|> w10 w11 <|im_end|>");

        assertThat(tokens).containsExactly(1, 10, 11, 2);
        assertThat(tokenizer.decode(tokens)).isEqualTo("<|im_start|> w10 w11 <|im_end|>");
        assertThat(tokenizer.id("<|image_pad|>")).isEqualTo(5);
        assertThatThrownBy(() -> tokenizer.id("<|absent|>"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("tokenizer.json")
                .hasMessageContaining("<|absent|>");
    }
}
