package ai.consilium.cli.eval;

import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit fills the field
class EvaluationSettingsTest {
    @TempDir
    Path out;

    @Test
    void givenAnEvaluationWhenBegunAgainThenTheFirstSettingThatDiffersIsNamed() throws IOException {
        settings("model", "a", "adapter mine", "b", "temperature", "0.0").keep(out);

        assertThatNoException()
                .isThrownBy(() -> settings("model", "a", "adapter mine", "b", "temperature", "0.0")
                        .keep(out));
        refused(settings("model", "a", "adapter mine", "c", "temperature", "1.0"), "adapter mine: b, now c");
        refused(settings("model", "a", "temperature", "0.0"), "adapter mine: b, now none");
        refused(
                settings("model", "a", "adapter mine", "b", "adapter yours", "d", "temperature", "0.0"),
                "adapter yours: none, now d");
    }

    @Test
    void givenSettingsOfAnotherHandWhenBegunAgainThenTheFileIsNamed() throws IOException {
        Path file = Files.writeString(out.resolve("settings.json"), "[1");
        assertThatThrownBy(() -> settings("model", "a").keep(out))
                .isInstanceOf(UsageException.class)
                .hasMessage("--out: " + file + " is not the settings of an evaluation");
    }

    private void refused(EvaluationSettings other, String difference) {
        assertThatThrownBy(() -> other.keep(out))
                .isInstanceOf(UsageException.class)
                .hasMessage("--out: the evaluation in " + out + " was begun with another " + difference
                        + "; choose another --out, or delete it");
    }

    private static EvaluationSettings settings(String... namesAndValues) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new EvaluationSettings(values);
    }
}
