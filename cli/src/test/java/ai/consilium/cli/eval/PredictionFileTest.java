package ai.consilium.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cli.eval.EvaluationPlan.Batch;
import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two batches, of an eye's two cases and a skin's one, with two samples a case: four lines and two. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class PredictionFileTest {
    private static final int SAMPLES = 2;

    @TempDir
    Path directory;

    private Path path;
    private List<Batch> batches;

    @BeforeEach
    void make() {
        path = directory.resolve("predictions.jsonl");
        EvaluationCases cases = EvaluatedCases.of(directory, "eye", "skin", "eye");
        batches = EvaluationPlan.of(List.of("base"), cases, false, List.of(Perspective.NONE), SAMPLES)
                .batches();
    }

    @Test
    void givenWholeBatchesWhenOpenedAgainThenTheyAreThereAndTheFileIsLeftAlone() throws IOException {
        PredictionFile file = open();
        file.append(predictions(batches.get(1)));
        String written = Files.readString(path);

        PredictionFile again = open();

        assertThat(again.missing(batches)).containsExactly(batches.get(0));
        Case skin = batches.get(1).cases().get(0);
        assertThat(again.of("base", Perspective.NONE, EvaluatedCases.FILE, skin))
                .isEqualTo(predictions(batches.get(1)));
        assertThat(path).hasContent(written);
        assertThat(written.lines().findFirst().orElseThrow())
                .isEqualTo(
                        "{\"adapter\":\"base\",\"file\":\"test.jsonl\",\"id\":\"c1\",\"specialty\":\"skin\",\"perspective\":\"none\","
                                + "\"sample\":0,\"label\":\"A\",\"strict\":null,\"strict_correct\":false,"
                                + "\"lenient\":\"B\",\"lenient_correct\":false,\"compat\":\"A\","
                                + "\"compat_correct\":true,\"completion\":\"höher \\n\",\"tokens\":3,\"truncated\":true}");
    }

    @Test
    void givenAFileCutAnywhereWhenOpenedThenWholeBatchesStayAndTheRestIsAsked() throws IOException {
        PredictionFile file = open();
        file.append(predictions(batches.get(0)));
        int first = (int) Files.size(path);
        file.append(predictions(batches.get(1)));
        byte[] whole = Files.readAllBytes(path);

        for (int length = 0; length <= whole.length; length++) {
            Files.write(path, Arrays.copyOf(whole, length));
            PredictionFile cut = open();
            List<Batch> missing = cut.missing(batches);
            assertThat(missing)
                    .as("of a file cut after %d bytes", length)
                    .isEqualTo(length == whole.length ? List.of() : length < first ? batches : batches.subList(1, 2));
            for (Batch batch : missing) {
                cut.append(predictions(batch));
            }
            assertThat(Files.readAllBytes(path))
                    .as("a file that was cut after %d bytes", length)
                    .isEqualTo(whole);
        }
    }

    @Test
    void givenALineOfAnotherHandWhenOpenedThenItIsRefusedByFileAndLine() throws IOException {
        open().append(predictions(batches.get(1)));

        Files.writeString(path, "{\"adapter\":\n", StandardOpenOption.APPEND);
        assertThatThrownBy(this::open)
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("--out: " + path + ":3: Unexpected end-of-input");

        Files.delete(path);
        PredictionFile twice = open();
        twice.append(predictions(batches.get(1)));
        twice.append(predictions(batches.get(1)));
        assertThatThrownBy(this::open)
                .hasMessage(
                        "--out: " + path + ":3: repeats an earlier line: sample 0 of base for case c1 of test.jsonl");

        Files.writeString(path, Files.readString(path).replace("\"base\"", "\"mine\""));
        assertThatThrownBy(this::open)
                .hasMessage("--out: " + path + ":1: nothing asks for sample 0 of mine for case c1 of test.jsonl");
    }

    private PredictionFile open() throws IOException {
        return PredictionFile.open(path, batches, SAMPLES);
    }

    private static List<Prediction> predictions(Batch batch) {
        List<Prediction> predictions = new ArrayList<>();
        for (Case asked : batch.cases()) {
            for (int sample = 0; sample < SAMPLES; sample++) {
                predictions.add(new Prediction(
                        batch.adapter(),
                        batch.file(),
                        asked.id(),
                        asked.specialty(),
                        batch.perspective(),
                        sample,
                        "A",
                        null,
                        false,
                        "B",
                        false,
                        "A",
                        true,
                        "höher \n",
                        3,
                        true));
            }
        }
        return predictions;
    }
}
