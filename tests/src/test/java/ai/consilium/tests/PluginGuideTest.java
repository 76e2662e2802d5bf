package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.reward.plugin.ScorerPlugins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plug-in of the examples, built by the lines of their guide and used from the command line. */
class PluginGuideTest {
    private static final Path EXAMPLES = Sources.ROOT.resolve("examples/scorers");
    private static final Pattern BUILD = Pattern.compile("```\n(javac .*?)```", Pattern.DOTALL);
    private static final Pattern CONFIG = Pattern.compile("```yaml\n(reward:\n  plugins.*?)```", Pattern.DOTALL);

    @TempDir
    private Path dir;

    @AfterEach
    void unload() {
        ScorerPlugins.none();
    }

    @Test
    void givenTheLinesOfTheGuideWhenFollowedThenTheScorerIsListedAndScores() throws IOException {
        String guide = Files.readString(EXAMPLES.resolve("README.md"));
        for (String line : found(BUILD, guide).lines().toList()) {
            follow(line);
        }
        Path config = Files.writeString(dir.resolve("own.yaml"), found(CONFIG, guide));

        CommandLineRun list = command("list", config);
        CommandLineRun tried = command("try", config, "--completion", "Maybe. Maybe not.");

        assertThat(list.code()).isZero();
        assertThat(list.output()).anyMatch(line -> line.matches("tone +tone +guideline +all +shadow +[0-9a-f]{12} *"));
        assertThat(tried.output()).anyMatch(line -> line.matches("1 .* tone +0\\.600 +2 hedges *"));
        // from a directory that is elsewhere, plug-ins are found beside the file that names them
        assertThat(command("list", config, "--set", "reward.plugins=none").told())
                .containsExactly("consilium: reward.plugins: " + dir.resolve("none") + " is no directory");
        assertThat(command("list", config, "--set", "reward.plugins=").told())
                .singleElement()
                .asString()
                .contains("type: 'tone' of tone is not one of accuracy, ");
    }

    private static String found(Pattern block, String guide) {
        Matcher matcher = block.matcher(guide);
        assertThat(matcher.find()).as(block.pattern()).isTrue();
        return matcher.group(1);
    }

    private void follow(String line) throws IOException {
        List<String> words = List.of(line.split(" "));
        switch (words.get(0)) {
            case "javac", "jar" -> run(words.get(0), words.subList(1, words.size()));
            case "mkdir" -> {
                for (String made : words.subList(2, words.size())) {
                    Files.createDirectories(dir.resolve(made));
                }
            }
            case "echo" -> Files.writeString(dir.resolve(words.get(3)), words.get(1) + "\n");
            default -> throw new AssertionError(line);
        }
    }

    /** As in a shell that stands in the directory. */
    private void run(String tool, List<String> arguments) {
        String[] absolute = arguments.stream()
                .map(word -> switch (word) {
                    case "\"$CLASSES\"" -> System.getProperty("java.class.path");
                    case "ToneType.java" ->
                        EXAMPLES.resolve("plugin/ToneType.java").toString();
                    case "tone", "plugins/tone.jar" -> dir.resolve(word).toString();
                    default -> word;
                })
                .toArray(String[]::new);
        int code = ToolProvider.findFirst(tool).orElseThrow().run(System.out, System.err, absolute);
        assertThat(code).as(tool).isZero();
    }

    private static CommandLineRun command(String name, Path config, String... more) {
        String model = "model=" + Sources.ROOT.resolve("models/tiny");
        List<String> all = new ArrayList<>(List.of("scorers", name, "--config", config.toString(), "--set", model));
        all.addAll(List.of(more));
        return CommandLineRun.of(all.toArray(String[]::new));
    }
}
