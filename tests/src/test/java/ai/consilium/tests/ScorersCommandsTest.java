package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code consilium scorers} prints and ends with. */
class ScorersCommandsTest {
    private static final String MODEL = "model=" + Sources.ROOT.resolve("models/tiny");
    private static final String UNREACHABLE = "{name: judge, type: http, url: \"http://127.0.0.1:1/score\"}";

    @TempDir
    Path dir;

    private static CommandLineRun scorers(String... arguments) {
        List<String> all = new ArrayList<>(List.of("scorers"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--set", MODEL));
        return CommandLineRun.of(all.toArray(String[]::new));
    }

    @Test
    void givenTheDefaultsWhenListedThenEachHasItsStateAndItsVersion() {
        CommandLineRun run = scorers("list");

        assertThat(run.code()).isZero();
        assertThat(run.output()).hasSize(7);
        assertThat(run.output().get(5)).matches("analytical +rubric +guideline +analytical +active +[0-9a-f]{12} *");
    }

    @Test
    void givenTheDefaultsWhenCheckedThenEachScoresTheCompletionOfATrace() {
        CommandLineRun run = scorers("check");

        assertThat(run.code()).isZero();
        assertThat(run.output()).hasSize(7);
        assertThat(run.output().get(1)).startsWith("accuracy").contains("1.000");
    }

    @Test
    void givenAScorerThatIsDownWhenCheckedThenItIsNamedAndTheExitIsOne() {
        CommandLineRun run = scorers(
                "check",
                "--set",
                "reward.scorers=[{name: format, type: format, required: true}, " + UNREACHABLE + "]",
                "--set",
                "reward.http.backoff=1ms");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.output().get(2)).startsWith("judge").contains("cannot connect (3 tries)");
    }

    @Test
    void givenCompletionsWhenTriedThenTheTableShowsWhatEachScoreRestsOn() throws IOException {
        Path file = Files.writeString(
                dir.resolve("completions.jsonl"),
                "{\"completion\": \"<think> a </think> <answer> b </answer> <|im_end|>\"}\n"
                        + "{\"completion\": \"no\", \"perspective\": \"analytical\"}\n");

        CommandLineRun run = scorers("try", "--file", file.toString());

        assertThat(run.code()).isZero();
        assertThat(run.output()).hasSize(6);
        assertThat(run.output().get(2)).matches("1 .* format +1\\.000.*");
        assertThat(run.output().get(5)).matches("2 .* analytical +[01]\\.\\d{3}.*");
    }

    @Test
    void givenAJudgeWhenCheckedAndTriedThenItSeesTheImagesAndItsReasonsAreShown() throws IOException {
        Files.writeString(dir.resolve("brief.yaml"), "- {weight: 1, requirement: Is brief}\n");
        Clinic.write(dir.resolve("cases"), new ClinicSettings(3, 0.3, 1, 0, 0));
        try (TeacherServer judge = new TeacherServer((question, reply) ->
                reply.say("{\"explanation\": \"It has four words.\", \"criteria_met\": true}", "stop"))) {
            String configured = "reward.scorers=[{name: brief, type: rubric, required: true, file: "
                    + dir.resolve("brief.yaml") + ", judge: {url: \"" + judge.url() + "\", model: m}}]";
            String kept = "reward.http.cache=" + dir.resolve("answers");

            CommandLineRun check = scorers("check", "--set", configured, "--set", kept);
            CommandLineRun tried = scorers(
                    "try",
                    "--completion",
                    "ward",
                    "--cases",
                    dir.resolve("cases/train.jsonl").toString(),
                    "--set",
                    configured,
                    "--set",
                    kept);

            assertThat(check.code()).as("%s", check.errors()).isZero();
            assertThat(check.output().get(1)).matches("brief +1\\.000 .*");
            assertThat(tried.code()).as("%s", tried.errors()).isZero();
            assertThat(tried.output().get(1)).contains("1.000", "Is brief: met: It has four words.");
            assertThat(judge.asked()).hasSize(2);
            assertThat(judge.asked()
                            .get(1)
                            .body()
                            .at("/messages/0/content/0/image_url/url")
                            .asText())
                    .startsWith("data:image/png;base64,");
        }
    }

    @Test
    void givenNoCompletionOrABrokenLineWhenTriedThenItIsNamed() throws IOException {
        Path file = Files.writeString(dir.resolve("completions.jsonl"), "{\"text\": 1}\n");

        assertThat(scorers("try").code()).isEqualTo(2);
        CommandLineRun run = scorers("try", "--file", file.toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(String.join(" ", run.errors())).contains(file + ":1: ");
    }
}
