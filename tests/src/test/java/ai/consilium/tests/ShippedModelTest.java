package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.grading.Grading;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.evaluation.Evaluator;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.image.ImageSettings;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.pretraining.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    @Test
    void givenACaseWithoutImagesWhenTheShippedModelIsAskedThenItAnswers(@TempDir Path data) throws Exception {
        Files.writeString(data.resolve("test.jsonl"), """
                {"id": "t", "specialty": "adult_medicine", "modality": "text", "images": [], "source": "made for this test",
                 "question": "Where should this patient be treated?", "context": {"urea": "10", "confusion": "yes"},
                 "options": {"A": "ward", "B": "home care"}, "label": "A"}""".replace("\n", " "));
        CaseLibrary library = new CaseLibrary(data);
        ModelDirectory shipped = ModelDirectory.open(SHIPPED);
        try (Compute compute = new Compute(1);
                PolicyModel model = PolicyModel.load(shipped, compute);
                Sampler sampler = new Sampler(model, compute)) {
            PromptEncoder encoder =
                    new PromptEncoder(shipped, PromptLayouts.canonical(), library, ImageSettings.of(1_000_000));
            Evaluator evaluator = new Evaluator(model, sampler, encoder, 48, Grading.Mode.STRICT);

            List<List<Evaluator.Answer>> answers = evaluator.sample(
                    null,
                    Perspective.NONE,
                    "test.jsonl",
                    library.file("test.jsonl").cases(),
                    new Evaluator.Sampling(1, 0, 1));

            assertThat(evaluator.text(answers.get(0).get(0))).contains("<answer>");
        }
    }
}
