package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.testing.FileServer;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that are given addresses of models and cases instead of directories. */
class FetchedFilesIT {
    private static final Path MODEL = Path.of("..", "models", "tiny");

    @TempDir
    private Path directory;

    private FileServer server;

    @BeforeEach
    void serve() throws IOException {
        server = new FileServer();
        server.put("models/tiny", MODEL);
        Path cases = directory.resolve("cases");
        Clinic.write(cases, new ClinicSettings(1, .3, 1, 1, 1));
        server.put("sets/clinic", cases);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private CommandLineRun run(String... arguments) {
        return CommandLineRun.of(
                Map.of("CONSILIUM_CACHE__DIR", directory.resolve("cache").toString()), arguments);
    }

    private CommandLineRun succeeds(String... arguments) {
        CommandLineRun run = run(arguments);
        assertThat(run.code()).as(String.join("\n", run.errors())).isZero();
        return run;
    }

    @Test
    void givenAddressesWhenEvaluatedAndAskedThenTheAnswersAreThoseOfTheDirectories() throws IOException {
        String[] local = {
            "--model",
            MODEL.toString(),
            "--cases",
            directory.resolve("cases/test.jsonl").toString()
        };
        String[] fetched = {"--model", server.url("/models/tiny"), "--cases", server.url("/sets/clinic/test.jsonl")};

        CommandLineRun here =
                succeeds(all(local, "eval", "--out", directory.resolve("here").toString()));
        CommandLineRun there = succeeds(
                all(fetched, "eval", "--out", directory.resolve("there").toString()));

        // Cases that are asked together end in any order.
        assertThat(Files.readAllLines(directory.resolve("there/predictions.jsonl")))
                .containsExactlyInAnyOrderElementsOf(Files.readAllLines(directory.resolve("here/predictions.jsonl")));
        assertThat(there.text().replace("there", "here")).isEqualTo(here.text());
        assertThat(succeeds(all(fetched, "ask", "--id", "sim-test-pediatrics-00000"))
                        .text())
                .isEqualTo(succeeds(all(local, "ask", "--id", "sim-test-pediatrics-00000"))
                        .text());
        // Once each, however often it was asked for.
        assertThat(server.asked("/models/tiny/model.safetensors")).hasSize(1);
        assertThat(server.asked("/sets/clinic/test.jsonl")).hasSize(1);
    }

    private static String[] all(String[] more, String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(Arrays.asList(more));
        return all.toArray(String[]::new);
    }

    @Test
    void givenTheAddressOfAModelWhenConfiguredThenItsListSaysWhoseDefaultsApplyAndNothingElseIsFetched() {
        Map<String, byte[]> foreign = Map.of("config.json", new byte[1], "model.safetensors", new byte[1]);
        server.put("models/foreign", foreign);

        CommandLineRun ours = succeeds("config", "show", "--set", "model=" + server.url("/models/tiny"));
        CommandLineRun other = succeeds("config", "show", "--set", "model=" + server.url("/models/foreign"));

        assertThat(ours.text()).contains("max_completion_tokens: 48");
        assertThat(other.text()).contains("max_completion_tokens: 512");
        assertThat(server.askedPaths()).allMatch(path -> path.endsWith("/SHA256SUMS"));
    }

    @Test
    void givenAModelThatCannotBeHadThenWhatDoesNotNeedItGoesOnAndWhatDoesIsRefusedByName() {
        String gone = "model=" + server.url("/models/gone");
        String refusal = "model: " + server.url("/models/gone/") + ": SHA256SUMS: HTTP 404: there is no such file";

        assertThat(succeeds("topics", "list", "--set", "run_id=first", "--set", gone)
                        .errors())
                .anyMatch(line -> line.contains(refusal));
        CommandLineRun doctor = run("doctor", "--set", gone, "-o", "json");
        assertThat(doctor.code()).isEqualTo(1);
        assertThat(doctor.text()).contains(refusal);
        CommandLineRun train = run(
                "train", "--set", gone, "--run-dir", directory.resolve("run").toString());
        assertThat(train.code()).isEqualTo(2);
        assertThat(train.told()).containsExactly("consilium: " + refusal);
        assertThat(directory.resolve("run")).doesNotExist();
        assertThat(server.askedPaths()).containsExactly("/models/gone/SHA256SUMS");
    }

    @Test
    void givenCasesThatAreBrokenOnTheirWayThenDoctorNamesTheFileAndBothHashes() throws IOException {
        server.file("/sets/clinic/val.jsonl", new byte[] {1});

        CommandLineRun doctor =
                run("doctor", "--set", "model=" + MODEL, "--cases", server.url("/sets/clinic"), "-o", "json");

        assertThat(doctor.code()).isEqualTo(1);
        assertThat(new ObjectMapper().readTree(doctor.text()).findValuesAsText("detail"))
                .anyMatch(detail ->
                        detail.startsWith("data_root: " + server.url("/sets/clinic/") + ": val.jsonl has SHA-256 ")
                                && detail.contains(", SHA256SUMS says "));
    }

    @Test
    void givenCredentialsInAnAddressThenItIsRefusedAndTheyAreNotRepeated() {
        for (String key : List.of("model", "data_root", "start.adapters.pediatrics")) {
            CommandLineRun run = run("config", "show", "--set", key + "=https://user:secret@files.example/set");

            assertThat(run.code()).isEqualTo(2);
            assertThat(run.told())
                    .singleElement()
                    .asString()
                    .contains(key + ": must have no user, password, query or fragment in it; fetch.token_env");
            assertThat(run.errors() + run.text()).doesNotContain("secret");
        }
    }

    @Test
    void givenADirectoryWhenItsSumsAreWrittenAndItIsServedThenAnotherHostFetchesIt() throws IOException {
        Path cases = directory.resolve("cases");
        Files.createFile(cases.resolve(".notes"));
        assertThat(succeeds("data", "sums", cases.toString()).text())
                .isEqualTo(cases.resolve("SHA256SUMS") + ": " + (filesOf(cases).size() - 2) + " files\n");
        for (Path file : filesOf(cases)) {
            server.file("/other/" + cases.relativize(file), Files.readAllBytes(file));
        }

        Path kept =
                Path.of(succeeds("data", "fetch", server.url("/other")).output().get(0));

        for (Path file : filesOf(cases)) {
            if (!file.endsWith("SHA256SUMS") && !file.endsWith(".notes")) {
                assertThat(kept.resolve(cases.relativize(file))).hasSameBinaryContentAs(file);
            }
        }
        Path link = directory.resolve("link");
        for (int i = 0; i < 2; i++) {
            succeeds("data", "fetch", server.url("/other"), "--link", link.toString());
            assertThat(link)
                    .isSymbolicLink()
                    .satisfies(path -> assertThat(path.toRealPath()).isEqualTo(kept.toRealPath()));
        }
        assertThat(run("data", "fetch", server.url("/other"), "--link", cases.toString())
                        .told())
                .containsExactly("consilium: --link: " + cases + " is there and is no symbolic link");
        assertThat(run("data", "fetch", "data").told())
                .containsExactly("consilium: ADDRESS: 'data' is none: https://HOST/PATH or s3://BUCKET/PREFIX");
    }

    private static List<Path> filesOf(Path directory) throws IOException {
        try (var all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
