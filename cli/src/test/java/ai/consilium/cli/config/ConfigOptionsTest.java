package ai.consilium.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class ConfigOptionsTest {
    private final ConfigOptions options = new ConfigOptions(Map.of());

    @TempDir
    Path directory;

    @Test
    void givenAModelThatWasNotMadeHereThenItsDefaultsAreThoseForNaturalText() throws IOException {
        int ours = tokens(options.load());

        assertThat(tokens(options.load(List.of("model=" + directory), false)))
                .isEqualTo(tokens(options.load(List.of("model=" + directory), true)))
                .isGreaterThan(10 * ours);

        Files.writeString(directory.resolve("consilium.json"), "{}");
        assertThat(tokens(options.load(List.of("model=" + directory), false))).isEqualTo(ours);
    }

    @Test
    void givenARunFromBeforeThereWereLayoutsThenItKeepsTheCanonicalOne() throws IOException {
        Path kept = directory.resolve("config.yaml");
        Files.writeString(kept, "steps: 7\n");
        assertThat(options.ofRun(kept, directory, List.of()).config().prompts()).isEqualTo("shipped:canonical");

        Files.writeString(kept, "steps: 7\nprompts: own.yaml\n");
        ConfigOptions.Loaded resumed = options.ofRun(kept, directory, List.of());
        assertThat(resumed.config().prompts()).isEqualTo("own.yaml");
        assertThat(resumed.config().plan().steps()).isEqualTo(7);
    }

    private static int tokens(ConfigOptions.Loaded loaded) {
        return loaded.config().scheduler().sampling().maxCompletionTokens();
    }
}
