package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code consilium cases} prints, writes and ends with. */
class CasesCommandsTest {
    private static final String MODEL = "model=" + Sources.ROOT.resolve("models/tiny");

    @TempDir
    Path dir;

    private Path data;

    @BeforeEach
    void simulate() throws IOException {
        data = Files.createDirectory(dir.resolve("data"));
        Clinic.write(data, new ClinicSettings(1, 0.3, 2, 1, 1));
    }

    private CommandLineRun check(String... more) {
        return checkOf(data, more);
    }

    /** As a person would, with the model that is shipped: it says how traces are written. */
    private static CommandLineRun checkOf(Path directory, String... more) {
        List<String> arguments = new ArrayList<>(List.of("cases", "check", directory.toString(), "--set", MODEL));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    @Test
    void givenCleanCasesWhenCheckedThenTheyAreCountedAndTheExitIsZero() {
        CommandLineRun run = check();

        assertThat(run.code()).isZero();
        assertThat(run.errors()).isEmpty();
        assertThat(run.output())
                .hasSize(3)
                .first()
                .isEqualTo(data.resolve("train.jsonl")
                        + ": 8 simulated cases {adult_medicine=2, brain_senses=2, oncology_surgery=2, pediatrics=2}");
    }

    @Test
    void givenBrokenPicturesWhenCheckedThenEachIsNamedAndACleanCopyIsMade() throws IOException {
        List<String> lines = Files.readAllLines(data.resolve("train.jsonl"));
        Path empty = data.resolve(image(lines.get(0)));
        Path half = data.resolve(image(lines.get(2)));
        Path text = data.resolve(image(lines.get(3)));
        Files.write(empty, new byte[0]);
        byte[] whole = Files.readAllBytes(half);
        Files.write(half, Arrays.copyOf(whole, whole.length / 2));
        Files.writeString(text, "not found");
        Path out = dir.resolve("clean");

        CommandLineRun run = check("--skip-bad", out.toString());

        assertThat(run.code()).isOne();
        Path file = data.resolve("train.jsonl");
        assertThat(run.output())
                .contains(file + ":1: images: '" + image(lines.get(0)) + "' is empty", "3 problems, 0 notes")
                .anyMatch(line ->
                        line.startsWith(file + ":3: images: '" + image(lines.get(2)) + "' is damaged or cut off"))
                .anyMatch(line -> line.startsWith(file + ":4: images: '" + image(lines.get(3)) + "' is no picture"));
        assertThat(run.errors()).singleElement().asString().contains("3 cases left out");
        assertThat(Files.readAllLines(out.resolve("left-out.jsonl"))).hasSize(3);
        assertThat(checkOf(out).code()).isZero();
        assertThat(check("--skip-bad", out.toString()).errors())
                .containsExactly("consilium: --skip-bad: " + out + " is not empty");
    }

    @Test
    void givenAProblemWhenCheckedForAProgramThenItIsJson() throws IOException {
        Files.delete(data.resolve("val.jsonl"));

        CommandLineRun run = check("-o", "json");

        assertThat(run.code()).isOne();
        Map<String, Object> found = Yaml.mapping(run.text());
        assertThat(found).containsOnlyKeys("files", "problems", "notes");
        assertThat(found.get("problems"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                .singleElement()
                .asString()
                .contains("val.jsonl", "no such case file");
    }

    @Test
    void givenABrokenCaseWhenTrainingThenTheCheckIsAdvised() throws IOException {
        Files.writeString(data.resolve("val.jsonl"), "{\n");

        CommandLineRun run =
                CommandLineRun.of("train", "--cases", data.toString(), "--run-dir", dir + "/run", "--set", MODEL);

        assertThat(run.errors())
                .singleElement()
                .asString()
                .endsWith("; consilium cases check " + data + " lists every problem");
    }

    @Test
    void givenATableOfOnesOwnWhenImportedThenItCanBeChecked() throws IOException {
        Path table = Files.writeString(dir.resolve("t.csv"), "id,q,a,b,l\n1,Which?,x,y,A\n2,What?,x,y,y\n");
        Path columns =
                Files.writeString(dir.resolve("c.yaml"), "id: id\nquestion: q\noptions: {A: a, B: b}\nlabel: l\n");
        String out = dir.resolve("imported").toString();

        CommandLineRun imported = CommandLineRun.of(
                "cases",
                "import",
                "csv",
                table.toString(),
                out,
                "--columns",
                columns.toString(),
                "--specialty",
                "medicine");

        assertThat(imported.code()).isZero();
        assertThat(imported.output()).contains("csv: 2 rows, 2 cases, 0 pictures");
        CommandLineRun checked = checkOf(Path.of(out));
        assertThat(checked.errors()).isEmpty();
        assertThat(checked.code()).isZero();
    }

    @Test
    void givenNothingToImportThenTheNamesAreListedOrWhatIsMissingIsSaid() {
        assertThat(CommandLineRun.of("cases", "import", "--list").output())
                .hasSize(13)
                .anyMatch(line -> line.startsWith("pubmedqa: ori_pqal.json"));
        CommandLineRun unknown = CommandLineRun.of("cases", "import", "medqq", "x", dir + "/y");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.errors()).singleElement().asString().contains("'medqq' is not one of medxpertqa, ");
        assertThat(CommandLineRun.of("cases", "import").code()).isEqualTo(2);
        assertThat(CommandLineRun.of("cases", "import", "csv", "x", dir + "/y").errors())
                .singleElement()
                .asString()
                .contains("--columns: csv needs a YAML file");
    }

    private static String image(String line) {
        return line.replaceAll(".*\"images\":\\[\"([^\"]+)\".*", "$1");
    }
}
