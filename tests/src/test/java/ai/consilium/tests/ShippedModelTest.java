package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.pretraining.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** models/tiny is what pretraining writes today, so that a user who makes a model gets one that works in the same places. */
class ShippedModelTest {
    private static final Path SHIPPED = Sources.ROOT.resolve("models/tiny");

    @TempDir
    Path made;

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "tokenizer.json", "tokenizer_config.json"})
    void givenTheShippedModelWhenOneIsMadeThenItsFilesAreTheSame(String file) throws IOException {
        TinyModel.initialise(made, 1);

        assertThat(made.resolve(file)).hasSameTextualContentAs(SHIPPED.resolve(file));
    }

    @Test
    void givenTheShippedModelThenItHasTheTokenThatOtherEnginesAskFor() {
        ModelDirectory model = ModelDirectory.open(SHIPPED);

        assertThat(model.config().videoToken()).hasValue(model.tokenizer().id("<|video_pad|>"));
        assertThat(model.tokenizer().encode("<|video_pad|>")).hasSize(1);
    }
}
