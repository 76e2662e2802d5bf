package ai.consilium.reward;

import static ai.consilium.reward.ScoringExamples.check;
import static ai.consilium.reward.ScoringExamples.config;
import static ai.consilium.reward.ScoringExamples.http;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.scorer.http.HttpType.HttpKeys;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The scorers of {@code examples/scorers}, started as a user would. */
class ExampleScorersIT {
    private static final Path EXAMPLES = Path.of("..", "examples", "scorers");
    private static final int MOST_LINES = 20;

    @WithKafka
    private static EmbeddedCluster cluster;

    @ParameterizedTest
    @CsvSource({"python3, tone.py", "node, tone.mjs"})
    void givenAnExampleWhenStartedThenItScoresARun(String language, String file, @TempDir Path data) throws Exception {
        assumeTrue(installed(language), language + " is not installed");
        Process process = new ProcessBuilder(language, EXAMPLES.resolve(file).toString(), "0")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader out =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                RewardRig rig = new RewardRig(cluster.run("adult_medicine"), data)) {
            HttpKeys keys = new HttpKeys(out.readLine(), null, Duration.ofSeconds(20), 1, null);
            RewardConfig config = config(check("format"), http("tone", true, keys));
            String plan = rig.publish(config);
            rig.sendMany("g", 8, plan);

            try (RewardService service = rig.service("one", config)) {
                List<Scores> all = rig.untilDecided(8);

                assertThat(all)
                        .hasSize(8)
                        .allSatisfy(record -> assertThat(record.getScores())
                                .extracting(Score::getScorer, Score::getValue, Score::getUnscoredReason)
                                .containsExactly(tuple("format", 1.0, null), tuple("tone", 1.0, null)));
                assertThat(all.get(0).getScores().get(1).getEvidence()).containsExactly("0 hedges");
                assertThat(service.threads().get(0).failure()).isEmpty();
            }
        } finally {
            process.destroyForcibly();
        }
    }

    @ParameterizedTest
    @CsvSource({"tone.py, #", "plugin/ToneType.java, /", "tone.mjs, /"})
    void givenAnExampleThenItIsShort(String file, String comment) throws IOException {
        long logic = Files.readAllLines(EXAMPLES.resolve(file)).stream()
                .map(String::strip)
                .filter(line -> line.length() > 3
                        && !line.startsWith(comment)
                        && !line.startsWith("\"\"\"")
                        && !line.startsWith("import ")
                        && !line.startsWith("package ")
                        && !line.startsWith("from "))
                .count();

        assertThat(logic).isLessThanOrEqualTo(MOST_LINES);
    }

    private static boolean installed(String language) throws InterruptedException {
        try {
            Process version = new ProcessBuilder(language, "--version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return version.waitFor(20, TimeUnit.SECONDS) && version.exitValue() == 0;
        } catch (IOException absent) {
            return false;
        }
    }
}
