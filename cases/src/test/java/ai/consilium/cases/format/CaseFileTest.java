package ai.consilium.cases.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.dataset.RunCases;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CaseFileTest {
    private static final String GOOD = """
            {"id":"a","specialty":"pediatrics","modality":"chest x-ray","images":["images/a.png"],"question":"What?",\
            "options":{"A":"yes","B":"no"},"label":"A","context":{"sex":"male"},"source":"test","findings":["edema"]}""";

    private final Path directory;

    CaseFileTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        Files.createDirectories(directory.resolve("images"));
        Files.write(directory.resolve("images/a.png"), new byte[1]);
        Files.write(directory.resolveSibling("outside.png"), new byte[1]);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("train.jsonl"), text);
    }

    @Test
    void givenAGoodLineWithUnknownFieldsWhenReadThenTheCaseIsWhole() throws IOException {
        CaseFile file = CaseFile.read(file(GOOD + "\n\n" + GOOD.replace("\"a\"", "\"b\"") + "\n"));

        assertThat(file.cases()).extracting(Case::id).containsExactly("a", "b");
        Case first = file.cases().get(0);
        assertThat(first.answer()).isEqualTo("yes");
        assertThat(first.context()).containsEntry("sex", "male");
        assertThat(first.evidence()).isNull();
        assertThat(first.traces()).isEmpty();
        assertThat(file.find("b")).isPresent();
        assertThat(file.find("c")).isEmpty();
        assertThat(file.image("images/a.png"))
                .isEqualTo(directory.resolve("images/a.png").toAbsolutePath());
    }

    @Test
    void givenTheFilesOfTheRunAreKnownWhenARecordNamesAnotherThenItIsTheRecordThatIsUnusable() throws IOException {
        String sha256 = CaseFile.read(file(GOOD)).sha256();

        CaseLibrary library = new CaseLibrary(directory).ofRun(RunCases.of(Map.of("train.jsonl", sha256)));
        CaseLibrary elsewhere = new CaseLibrary(directory).ofRun(RunCases.of(Map.of("train.jsonl", "0")));

        assertThat(library.resolve("train.jsonl", sha256, "a").id()).isEqualTo("a");
        assertThatThrownBy(() -> library.resolve("train.jsonl", "0", "a"))
                .isExactlyInstanceOf(CaseException.class)
                .hasMessage("train.jsonl: the record names a file with SHA-256 0, the run has " + sha256);
        assertThatThrownBy(() -> library.resolve("val.jsonl", "0", "a"))
                .isExactlyInstanceOf(CaseException.class)
                .hasMessage("val.jsonl: the record names a file with SHA-256 0, the run has no such file");
        assertThatThrownBy(() -> elsewhere.resolve("train.jsonl", "0", "a"))
                .isInstanceOf(CaseFileMismatchException.class);
    }

    @Test
    void givenAPictureChangesWhenTheImagesAreHashedThenTheHashIsAnotherAndTheFilesIsNot() throws IOException {
        CaseFile before = CaseFile.read(file(GOOD));
        String images = before.imagesSha256();

        Files.write(directory.resolve("images/a.png"), new byte[] {2});

        CaseFile after = CaseFile.read(directory.resolve("train.jsonl"));
        assertThat(images).hasSize(64);
        assertThat(after.imagesSha256()).isNotEqualTo(images);
        assertThat(after.sha256()).isEqualTo(before.sha256());
    }

    static Stream<Arguments> broken() {
        return Stream.of(
                Arguments.of(GOOD.substring(0, 60), "broken JSON at column"),
                Arguments.of(GOOD + " {}", "broken JSON at column"),
                Arguments.of(GOOD.replace("\"id\":\"a\"", "\"id\":\"a\",\"id\":\"b\""), "Duplicate field 'id'"),
                Arguments.of("[]", "must be one JSON object"),
                Arguments.of(
                        GOOD.replace("\"pediatrics\"", "\"unified\""),
                        "specialty: 'unified' is the name of the merged agent: name it otherwise"),
                Arguments.of(GOOD.replace("\"id\":\"a\",", ""), "id: is missing"),
                Arguments.of(GOOD.replace("\"id\":\"a\"", "\"id\":null"), "id: is missing"),
                Arguments.of(GOOD.replace("\"id\":\"a\"", "\"id\":7"), "id: must be text, is the number 7"),
                Arguments.of(GOOD.replace("\"What?\"", "\" \""), "question: is empty"),
                Arguments.of(
                        GOOD.replace("\"label\":\"A\"", "\"label\":\"C\""),
                        "label: 'C' is not an option; options are A, B"),
                Arguments.of(GOOD.replace("{\"A\":\"yes\",\"B\":\"no\"}", "{}"), "options: is empty"),
                Arguments.of(
                        GOOD.replace("{\"A\":\"yes\",\"B\":\"no\"}", "[\"yes\"]"),
                        "options: must be an object, is a list"),
                Arguments.of(GOOD.replace(",\"B\":\"no\"", ""), "options: has only one option"),
                Arguments.of(GOOD.replace("\"B\":\"no\"", "\"B\":false"), "options.B: must be text, is false"),
                Arguments.of(
                        GOOD.replace("\"B\":\"no\"", "\"B\":\"Yes \""),
                        "options.B: is blank or equal to another option"),
                Arguments.of(GOOD.replace("\"B\":", "\"second\":"), "options.second: must be named by a single letter"),
                Arguments.of(GOOD.replace("[\"images/a.png\"]", "\"images/a.png\""), "images: must be a list, is text"),
                Arguments.of(
                        GOOD.replace("\"images\":[\"images/a.png\"],", ""),
                        "images: is missing; write [] for a case without images"),
                Arguments.of(GOOD.replace("images/a.png", ""), "images[0]: is empty"),
                Arguments.of(
                        GOOD.replace("{\"A\":\"yes\",\"B\":\"no\"}", "[{\"letter\":\"A\",\"content\":\"yes\"}]"),
                        "options: must be an object of letters and texts, is a list of objects; 'consilium cases import'"),
                Arguments.of(GOOD.replace(":\"no\"", ":null"), "options: has only one option"),
                Arguments.of(GOOD.replace("[\"images/a.png\"]", "[3]"), "images[0]: must be text, is the number 3"),
                Arguments.of(GOOD.replace("images/a.png", "images/z.png"), "images: 'images/z.png' is missing"),
                Arguments.of(GOOD.replace("images/a.png", "../outside.png"), "images: '../outside.png' is outside"),
                Arguments.of(GOOD.replace("images/a.png", "/etc/hostname"), "images: '/etc/hostname' is outside"),
                Arguments.of(GOOD.replace("\"male\"", "1"), "context.sex: must be text, is the number 1"),
                Arguments.of(
                        GOOD.replace("\"source\"", "\"evidence\":{\"findings\":[{\"name\":\"urea\"}]},\"source\""),
                        "evidence.findings[0].value: is missing"));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void givenABrokenLineWhenReadThenOneLineNamesFileLineAndField(String line, String problem) throws IOException {
        Path file = file(GOOD.replace("\"a\"", "\"first\"") + "\n" + line + "\n");

        assertThatThrownBy(() -> CaseFile.read(file))
                .isInstanceOf(CaseException.class)
                .hasMessageStartingWith("train.jsonl:2: ")
                .hasMessageContaining(problem)
                .message()
                .doesNotContain("\n");
    }

    static Stream<Arguments> alike() {
        return Stream.of(
                Arguments.of("no x", "no\u00a0x"),
                Arguments.of("\u00e9dema", "e\u0301dema"),
                Arguments.of("edema", "ed\u200bema"),
                Arguments.of("edema", "\uff25dema"),
                Arguments.of("Stra\u00dfe", "STRASSE"),
                Arguments.of("grade 2", "grade  2"),
                Arguments.of("edema", "edema\ufe0f"));
    }

    @ParameterizedTest
    @MethodSource("alike")
    void givenOptionsThatLookAlikeWhenReadThenTheyAreRefusedAsEqual(String first, String second) throws IOException {
        Path file = file(GOOD.replace("\"yes\"", '"' + first + '"').replace("\"no\"", '"' + second + '"'));

        assertThatThrownBy(() -> CaseFile.read(file))
                .hasMessageStartingWith("train.jsonl:1: options.B: is blank or equal to another option: '");
    }

    @Test
    void givenOptionsThatDifferInOneSignWhenReadThenTheyAreKeptAsWritten() throws IOException {
        CaseFile file = CaseFile.read(
                file(GOOD.replace("\"yes\"", "\"Na\u207a < 135\"").replace("\"no\"", "\"Na\u207a > 135\"")));

        assertThat(file.cases().get(0).options()).containsEntry("A", "Na\u207a < 135");
    }

    static Stream<Arguments> unprintable() {
        return Stream.of(
                Arguments.of(
                        "\"id\":\"a\"",
                        "\"id\":\"a\\u001b[2J\"",
                        "id: holds a control character (U+001B): 'a\\u001b[2J'"),
                Arguments.of("\"id\":\"a\"", "\"id\":\"a\\nb\"", "id: holds a line end (U+000A): 'a\\u000ab'"),
                Arguments.of("\"id\":\"a\"", "\"id\":\"a\\u2028b\"", "id: holds a line end (U+2028)"),
                Arguments.of(
                        "\"pediatrics\"",
                        "\"\\u202escirtaidep\"",
                        "specialty: holds a character that turns the writing direction (U+202E)"),
                Arguments.of("chest x-ray", "chest\\u0000x-ray", "modality: holds a control character (U+0000)"),
                Arguments.of("\"test\"", "\"te\\u2066st\"", "source: holds a character that turns"),
                Arguments.of("images/a.png", "images/\\u0007a.png", "images[0]: holds a control character (U+0007)"),
                Arguments.of("\"label\":\"A\"", "\"label\":\"\\u001b\"", "label: '\\u001b' is not an option"),
                Arguments.of("What?", "What\\ud83d?", "question: holds half of a pair of surrogates"));
    }

    @ParameterizedTest
    @MethodSource("unprintable")
    void givenTextThatATerminalWouldObeyWhenReadThenItIsRefusedAndQuotedAsAnEscape(
            String good, String bad, String problem) throws IOException {
        Path file = file(GOOD.replace(good, bad));

        assertThatThrownBy(() -> CaseFile.read(file))
                .hasMessageStartingWith("train.jsonl:1: " + problem)
                .message()
                .matches(message -> Printable.flaw(message).isEmpty());
    }

    @Test
    void givenAByteOrderMarkWhenReadThenItIsNoPartOfTheFirstLine() throws IOException {
        assertThat(CaseFile.read(file('\ufeff' + GOOD + "\r\n")).cases())
                .extracting(Case::id)
                .containsExactly("a");
        assertThatThrownBy(() -> CaseFile.read(file(GOOD + "\n\ufeff" + GOOD)))
                .hasMessageStartingWith("train.jsonl:2: broken JSON");
    }

    @Test
    void givenNullForAnOptionOrAContextWhenReadThenItIsAbsent() throws IOException {
        Case read = CaseFile.read(file(
                        GOOD.replace("\"B\":\"no\"", "\"B\":\"no\",\"E\":null").replace("\"male\"", "null")))
                .cases()
                .get(0);

        assertThat(read.options()).containsOnlyKeys("A", "B");
        assertThat(read.context()).isEmpty();
    }

    @Test
    void givenACaseWithoutImagesWhenReadThenItIsWhole() throws IOException {
        CaseFile file = CaseFile.read(file(GOOD.replace("\"images/a.png\"", "")));

        assertThat(file.cases().get(0).images()).isEmpty();
        assertThat(file.imagesSha256()).hasSize(64);
    }

    @Test
    void givenALinkThatLeavesTheDirectoryWhenReadThenItIsRefusedAndOneThatStaysIsNot() throws IOException {
        Files.createSymbolicLink(directory.resolve("images/in.png"), Path.of("a.png"));
        Files.createSymbolicLink(directory.resolve("images/out.png"), directory.resolveSibling("outside.png"));

        assertThat(CaseFile.read(file(GOOD.replace("a.png", "in.png"))).cases()).hasSize(1);
        assertThatThrownBy(() -> CaseFile.read(file(GOOD.replace("a.png", "out.png"))))
                .hasMessageStartingWith(
                        "train.jsonl:1: images: 'images/out.png' leads out of the case file's directory by a symbolic link");
    }

    @Test
    void givenSeveralBrokenLinesWhenTheLinesAreReadThenEveryFieldOfEachIsNamed() throws IOException {
        Path file = file(GOOD + "\nbroken\n\n"
                + GOOD.replace("\"a\"", "\"b\"").replace("What?", "").replace("\"label\":\"A\"", "\"label\":\"C\"")
                + "\n");

        List<CaseLine> lines = CaseFile.lines(file);

        assertThat(lines).extracting(CaseLine::number).containsExactly(1, 2, 4);
        assertThat(lines.get(0).problems()).isEmpty();
        assertThat(lines.get(1).problems()).singleElement().asString().startsWith("broken JSON at column");
        assertThat(lines.get(2).id()).isEqualTo("b");
        assertThat(lines.get(2).problems())
                .containsExactly("question: is empty", "label: 'C' is not an option; options are A, B");
    }

    @Test
    void givenADoubledIdWhenReadThenBothLinesAreNamed() throws IOException {
        Path file = file(GOOD + "\n" + GOOD);

        assertThatThrownBy(() -> CaseFile.read(file)).hasMessage("train.jsonl:2: id: 'a' is also used in line 1");
    }

    @Test
    void givenNoFileOrNoTextWhenReadThenTheFileIsNamed() throws IOException {
        assertThatThrownBy(() -> CaseFile.read(directory.resolve("val.jsonl")))
                .isInstanceOf(CaseException.class)
                .hasMessageContaining("val.jsonl: no such case file");
        Path binary = Files.write(directory.resolve("test.jsonl"), "\u00ff".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> CaseFile.read(binary))
                .hasMessage("test.jsonl:1: is not UTF-8 text; save the file as UTF-8");
    }

    @Test
    void givenALibraryWhenACaseIsResolvedThenFileHashAndIdMustFit() throws IOException {
        String sha256 = CaseFile.read(file(GOOD)).sha256();
        CaseLibrary library = new CaseLibrary(directory);

        Case found = library.resolve("train.jsonl", sha256, "a");

        assertThat(library.images("train.jsonl", found))
                .isEqualTo(List.of(directory.resolve("images/a.png").toAbsolutePath()));
        assertThat(library.file("train.jsonl")).isSameAs(library.file("train.jsonl"));
        assertThatThrownBy(() -> library.resolve("train.jsonl", sha256, "z"))
                .hasMessage("train.jsonl: has no case 'z'");
        assertThatThrownBy(() -> library.resolve("train.jsonl", "0", "a"))
                .isInstanceOf(CaseFileMismatchException.class)
                .hasMessageContaining(
                        "train.jsonl is not the run's file: its SHA-256 is " + sha256 + ", the run's is 0");
        assertThatThrownBy(() -> library.resolve("val.jsonl", "0", "a"))
                .isInstanceOf(CaseFileMismatchException.class)
                .hasMessageContaining("val.jsonl: no such case file");
        assertThatThrownBy(() -> library.resolve("../train.jsonl", sha256, "a"))
                .isExactlyInstanceOf(CaseException.class)
                .hasMessageContaining("is outside data_root");
        assertThatThrownBy(() -> library.file("../train.jsonl")).hasMessageContaining("is outside data_root");
        assertThatThrownBy(() -> new CaseLibrary(directory.resolve("nowhere"))).hasMessageContaining("nowhere");
    }
}
