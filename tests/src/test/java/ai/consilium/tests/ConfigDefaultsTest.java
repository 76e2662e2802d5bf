package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** defaults.yaml is the complete configuration, and whoever overrides it gets what they wrote. */
class ConfigDefaultsTest {
    @TempDir
    Path dir;

    @Test
    void givenNothingWhenShownThenEveryDefaultIsThereAsWritten() throws IOException {
        CommandLineRun shown = CommandLineRun.of("config", "show");
        assertThat(shown.errors()).isEmpty();
        assertThat(shown.code()).isZero();
        Map<String, String> kept = Yaml.leaves(Yaml.mapping(shown.text()));
        // Kafka's own keys have a section in what is shown; there are none among the defaults.
        assertThat(kept.remove("kafka.properties")).isEqualTo("{}");
        assertThat(kept).containsExactlyInAnyOrderEntriesOf(defaults());
    }

    @Test
    void givenWhatWasShownAsAFileWhenShownAgainThenNothingChanges() throws IOException {
        CommandLineRun shown = CommandLineRun.of("config", "show");
        Path file = Files.writeString(dir.resolve("shown.yaml"), shown.text());
        assertThat(CommandLineRun.of("config", "show", "--config", file.toString()))
                .isEqualTo(shown);
    }

    @Test
    void givenEveryDefaultAsAVariableWhenShownThenEachKeyHasOne() throws IOException {
        Map<String, String> environment = new HashMap<>();
        defaults().forEach((key, value) -> {
            if (!value.startsWith("[")) {
                environment.put("CONSILIUM_" + key.replace(".", "__").toUpperCase(Locale.ROOT), value);
            }
        });
        CommandLineRun shown = CommandLineRun.of(environment, "config", "show");
        assertThat(shown.errors()).isEmpty();
        assertThat(Yaml.leaves(Yaml.mapping(shown.text()))).containsAllEntriesOf(defaults());
    }

    @Test
    void givenFilesEnvironmentAndSettingsWhenShownThenTheLaterWins() throws IOException {
        Path first =
                Files.writeString(dir.resolve("a.yaml"), "steps: 2\nseed: 2\nrl: {warmup_steps: 2}\ndeadline: 2m\n");
        Path second = Files.writeString(dir.resolve("b.yaml"), "seed: 3\nrl: {warmup_steps: 3}\ndeadline: 3m\n");
        Map<String, String> environment =
                Map.of("CONSILIUM_RL__WARMUP_STEPS", "4", "CONSILIUM_DEADLINE", "4m", "HOME", "/nowhere");
        String[] command = {
            "config", "show", "--set", "deadline=5m", "--config", first.toString(), "--config", second.toString()
        };
        Map<String, String> shown =
                Yaml.leaves(Yaml.mapping(CommandLineRun.of(environment, command).text()));
        assertThat(shown)
                .containsEntry("batch_size", defaults().get("batch_size"))
                .containsEntry("steps", "2")
                .containsEntry("seed", "3")
                .containsEntry("rl.warmup_steps", "4")
                .containsEntry("deadline", "5m");
    }

    @Test
    void givenSecretsWhenShownThenTheyAreHidden() {
        Map<String, String> environment = Map.of(
                "CONSILIUM_KAFKA__SASL__JAAS__CONFIG", "login required password=\"hush1\";",
                "CONSILIUM_SCHEMA_REGISTRY__URL", "https://me:hush2@registry");
        for (String[] command : new String[][] {
            {"config", "show", "--set", "kafka.ssl.key.password=hush3"},
            {"train", "--dry-run", "--set", "kafka.ssl.key.password=hush3"}
        }) {
            CommandLineRun shown = CommandLineRun.of(environment, command);
            assertThat(shown.code()).isZero();
            assertThat(shown.text())
                    .doesNotContain("hush")
                    .contains("sasl.jaas.config", "ssl.key.password", "registry");
        }
    }

    private static Map<String, String> defaults() throws IOException {
        try (InputStream stream = Objects.requireNonNull(
                ConfigDefaultsTest.class.getResourceAsStream("/ai/consilium/cli/defaults.yaml"))) {
            return Yaml.leaves(Yaml.mapping(new String(stream.readAllBytes(), StandardCharsets.UTF_8)));
        }
    }
}
