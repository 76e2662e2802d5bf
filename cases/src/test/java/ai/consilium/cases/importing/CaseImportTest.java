package ai.consilium.cases.importing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.importing.source.CaseSource;
import ai.consilium.cases.importing.source.CaseSources;
import ai.consilium.cases.importing.source.CsvTable;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@SuppressWarnings("NullAway.Init") // JUnit fills the field
class CaseImportTest {
    private static final SplitShares ALL_TRAIN = new SplitShares(1, 0, 0);

    @TempDir
    Path directory;

    private static Path shipped(String name) throws URISyntaxException {
        return Path.of(Objects.requireNonNull(CaseImportTest.class.getResource("/importing/" + name))
                .toURI());
    }

    private Path out() {
        return directory.resolve("out");
    }

    private ImportReport run(String name, Path from, @Nullable String specialty, boolean skipBad) {
        Specialties specialties = Specialties.of(null, specialty);
        return CaseImport.run(
                CaseSources.named(name), from, out(), new CaseImport.Settings(specialties, ALL_TRAIN, name, skipBad));
    }

    private List<Case> train() {
        return CaseFile.read(out().resolve(CaseLibrary.TRAINING_FILE)).cases();
    }

    @Test
    void givenMedXpertQaOfGitHubWhenImportedThenOptionsLabelAndAllImagesAreThere() throws Exception {
        ImportReport report = run("medxpertqa", shipped("medxpertqa"), null, false);

        Case first = train().get(0);
        assertThat(first.id()).isEqualTo("medxpertqa-MM-1");
        assertThat(first.specialty()).isEqualTo("nervous");
        assertThat(first.question()).endsWith("Which structure does the arrow mark?");
        assertThat(first.options()).isEqualTo(Map.of("A", "Disc", "B", "Cord"));
        assertThat(first.label()).isEqualTo("B");
        assertThat(first.images()).hasSize(2).doesNotHaveDuplicates();
        assertThat(train().get(1).specialty()).isEqualTo("skeletal_system");
        assertThat(report.pictures()).isEqualTo(3);
        assertThat(report.leftOut()).isEmpty();
    }

    @Test
    void givenMedXpertQaOfHuggingFaceWhenImportedThenAnOptionOfNullIsAbsent() throws Exception {
        run("medxpertqa", shipped("medxpertqa-hf"), null, false);

        assertThat(train()).singleElement().satisfies(each -> {
            assertThat(each.options()).containsOnlyKeys("A", "B");
            assertThat(each.images()).isEmpty();
            assertThat(each.modality()).isEqualTo("text");
        });
    }

    @Test
    void givenOmniMedVqaWhenImportedThenTheLabelIsFoundByItsTextAndARowWithOneOptionIsLeftOut() throws Exception {
        ImportReport report = run("omnimedvqa", shipped("omnimedvqa"), null, false);

        assertThat(train()).extracting(Case::label).containsExactly("B", "A");
        assertThat(train().get(0).modality()).isEqualTo("Fundus Photography");
        assertThat(report.leftOut()).containsExactlyEntriesOf(Map.of("fewer than two options", 1));
        assertThat(report.pictures()).isOne();
    }

    @Test
    void givenPmcVqaWhenImportedThenTheLettersOfTheOptionsAreNoPartOfThem() throws Exception {
        ImportReport report = run("pmc-vqa", shipped("pmc-vqa"), "radiology", false);

        assertThat(train()).singleElement().satisfies(each -> {
            assertThat(each.options().values()).containsExactly("Uterus", "Heart", "Lung", "Liver");
            assertThat(each.label()).isEqualTo("B");
            assertThat(each.specialty()).isEqualTo("radiology");
            assertThat(each.question()).isEqualTo("What is seen?");
        });
        assertThat(report.leftOut()).containsEntry("fewer than two options", 1);
        assertThat(Files.readString(out().resolve("left-out.jsonl"))).contains("\"test_2.csv\",\"line\":4");
    }

    @Test
    void givenSlakeWhenImportedThenEnglishYesOrNoQuestionsAreKeptAndTheOthersCounted() throws Exception {
        ImportReport report = run("slake", shipped("slake"), null, false);

        assertThat(train()).extracting(Case::id).containsExactly("slake-11", "slake-12");
        assertThat(train()).extracting(Case::answer).containsExactly("yes", "no");
        assertThat(train()).extracting(Case::specialty).containsExactly("abdomen", "lung");
        assertThat(report.leftOut())
                .containsEntry("open question (its answer is neither yes nor no)", 1)
                .containsEntry("question not in English", 1);
        assertThat(report.rows()).isEqualTo(4);
    }

    @Test
    void givenVqaRadAndPathVqaWhenImportedThenOpenQuestionsAreLeftOut() throws Exception {
        run("vqa-rad", shipped("vqa-rad"), null, false);
        assertThat(train()).extracting(Case::specialty).containsExactly("head");
        assertThat(train()).extracting(Case::answer).containsExactly("yes");
        CaseImport.run(
                CaseSources.named("path-vqa"),
                shipped("path-vqa"),
                directory.resolve("path"),
                new CaseImport.Settings(Specialties.of(null, "pathology"), ALL_TRAIN, "PathVQA", false));

        assertThat(CaseFile.read(directory.resolve("path/train.jsonl")).cases())
                .allMatch(each -> each.source().equals("PathVQA"))
                .extracting(Case::id, Case::answer)
                .containsExactly(tuple("path-vqa-train-1", "no"), tuple("path-vqa-train-2", "yes"));
    }

    @Test
    void givenATableOfVlmEvalKitWhenImportedThenPicturesAreWrittenAndAbsentOptionsAreNone() throws Exception {
        ImportReport report = run("vlmevalkit", shipped("vlmevalkit/Set.tsv"), null, false);

        assertThat(train()).extracting(Case::label).containsExactly("B", "C");
        assertThat(train().get(0).options()).containsOnlyKeys("A", "B");
        assertThat(train().get(0).question()).isEqualTo("Look twice.\nWhich is\nright?");
        assertThat(train().get(1).images()).hasSize(2).allMatch(image -> image.endsWith(".png"));
        assertThat(report.leftOut()).containsEntry("open question (no options)", 1);
        assertThat(report.pictures()).isEqualTo(3);
    }

    @Test
    void givenPubMedQaWhenImportedThenTheAbstractIsContextTheConclusionATraceAndNothingIsRewritten() throws Exception {
        ImportReport report = run("pubmedqa", shipped("pubmedqa"), "medicine", false);

        Case first = train().get(0);
        assertThat(first.id()).isEqualTo("pubmedqa-111");
        assertThat(first.context()).containsEntry("abstract", "Forty patients walked. Forty did not.");
        assertThat(first.traces()).containsExactly(Map.entry("none", "It helps."));
        assertThat(first.options().values()).containsExactly("yes", "no", "maybe");
        assertThat(train().get(1).question()).isEqualTo("Is Na\u207a < 135 mmol/L common?");
        assertThat(train().get(1).answer()).isEqualTo("maybe");
        assertThat(report.leftOut()).containsEntry("no expert's answer (final_decision)", 1);
    }

    @Test
    void givenMedMcqaWhenImportedThenTheFileTellsWhetherItCountsFromZeroOrOne() throws Exception {
        run("medmcqa", shipped("medmcqa"), null, false);
        assertThat(train()).extracting(Case::answer).containsExactly("Aspirin", "IV");
        CaseImport.run(
                CaseSources.named("medmcqa"),
                shipped("medmcqa-hf"),
                directory.resolve("hf"),
                new CaseImport.Settings(Specialties.of(null, null), ALL_TRAIN, "MedMCQA", false));

        assertThat(CaseFile.read(directory.resolve("hf/train.jsonl")).cases())
                .extracting(Case::answer)
                .containsExactly("Aspirin");
    }

    @Test
    void givenMedQaWhenImportedThenACaseWithoutWordForItsSpecialtyNeedsOneNamed() throws Exception {
        ImportReport without = run("medqa", shipped("medqa"), null, false);
        assertThat(without.leftOut()).containsEntry("no specialty (--specialty names one for all)", 1);
        try (Stream<Path> files = Files.list(out())) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }

        run("medqa", shipped("medqa"), "adult_medicine", false);

        assertThat(train()).singleElement().extracting(Case::answer).isEqualTo("Tell the attending");
    }

    @Test
    void givenATableOfOnesOwnWhenImportedThenPatientsAndPicturesStayTogether() throws Exception {
        CaseSource source = new CsvTable(CsvTable.Columns.read(shipped("csv/columns.yaml")));
        Specialties specialties = Specialties.of(shipped("csv/specialties.yaml"), null);

        ImportReport report = CaseImport.run(
                source,
                shipped("csv/questions.csv"),
                out(),
                new CaseImport.Settings(specialties, new SplitShares(1, 1, 1), "City Hospital", false));

        assertThat(report.written()).isEqualTo(3);
        // Case 1 shares its patient with case 3 and a picture with case 2.
        assertThat(report.cases().values().stream().filter(counts -> !counts.isEmpty()))
                .singleElement()
                .isEqualTo(Map.of("adult_medicine", 2, "pediatrics", 1));
        Case first = Stream.of("train", "val", "test")
                .flatMap(split -> CaseFile.read(out().resolve(split + ".jsonl")).cases().stream())
                .findFirst()
                .orElseThrow();
        assertThat(first.question()).isEqualTo("Where should this patient; if stable, go?");
        assertThat(first.label()).isEqualTo("B");
        assertThat(first.context()).containsEntry("age", "71");
        assertThat(first.source()).isEqualTo("City Hospital");
    }

    static Stream<Arguments> malformed() {
        String mcq = "{\"id\":\"a\",\"question\":\"Q?\",\"options\":{\"A\":\"x\",\"B\":\"y\"},\"label\":\"A\"}";
        return Stream.of(
                Arguments.of("medxpertqa", "a.jsonl", mcq + "\n{\"id\":", "a.jsonl:2: broken JSON at column"),
                Arguments.of("medxpertqa", "a.jsonl", mcq + "\n7", "a.jsonl:2: must be an object, one a row"),
                Arguments.of(
                        "medxpertqa",
                        "a.jsonl",
                        "\n" + mcq.replace("\"label\":\"A\"", "\"label\":\"C\""),
                        "a.jsonl:2: label: 'C' is neither the letter nor the text of an option; options are A, B"),
                Arguments.of(
                        "medxpertqa",
                        "a.jsonl",
                        mcq.replace("\"label\"", "\"images\":[\"../a.png\"],\"label\""),
                        "a.jsonl:1: images: '../a.png' is missing under "),
                Arguments.of(
                        "medxpertqa",
                        "a.jsonl",
                        mcq.replace("\"y\"", "\"x \""),
                        "a.jsonl:1: options.B: is blank or equal"),
                Arguments.of(
                        "medxpertqa",
                        "a.jsonl",
                        mcq + "\n" + mcq,
                        "a.jsonl:2: id: 'medxpertqa-a' is also used in line 1"),
                Arguments.of(
                        "omnimedvqa",
                        "a.json",
                        "[\n{\"option_A\":\"x\",\"option_B\":\"y\",\"gt_answer\":\"z\"}]",
                        "a.json:2: question_id: is missing"),
                Arguments.of(
                        "slake",
                        "a.json",
                        "[{\"img_name\":\"x.png\",\"question\":\"Q?\",\"answer\":\"yes\",\"qid\":1}]",
                        "a.json:1: img_name: 'x.png' is missing under "),
                Arguments.of(
                        "pubmedqa",
                        "ori_pqal.json",
                        "{\"1\":{\"QUESTION\":\"Q?\",\n\"CONTEXTS\":\"c\",\"final_decision\":\"yes\"}}",
                        "ori_pqal.json:1: CONTEXTS: must be a list, is text"),
                Arguments.of(
                        "pubmedqa",
                        "ori_pqal.json",
                        "{\"1\":\n{\"QUESTION\":\"Q?\",\"CONTEXTS\":[\"c\"],\"final_decision\":\"perhaps\"}}",
                        "ori_pqal.json:2: final_decision: 'perhaps' is neither"),
                Arguments.of(
                        "medmcqa",
                        "a.json",
                        "{\"id\":\"a\",\"cop\":2,\"opa\":\"x\",\"opb\":\"y\"}",
                        "a.json: cop: holds neither 0 nor 4, so that nobody can tell"),
                Arguments.of(
                        "medmcqa",
                        "a.json",
                        "{\"id\":\"a\",\"cop\":0,\"opa\":\"x\",\"opb\":\"y\",\"question\":\"Q?\"}\n"
                                + "{\"id\":\"b\",\"cop\":2,\"opa\":\"x\",\"opb\":\"y\",\"question\":\"Q?\"}",
                        "a.json:2: cop: 2 is the number of no option"),
                Arguments.of(
                        "medqa",
                        "a.jsonl",
                        "{\"question\":\"Q?\",\"options\":[\"x\",\"y\"],\"answer_idx\":\"A\"}",
                        "a.jsonl:1: options: must be an object, is a list"),
                Arguments.of(
                        "vlmevalkit",
                        "a.tsv",
                        "index\timage\tquestion\tA\tB\tanswer\n1\t5\t\"Q\n?\"\tx\ty\tA\n2\t\tQ?\tx\ty\tE\n",
                        "a.tsv:2: image: '5' refers to the picture of another row"),
                Arguments.of(
                        "vlmevalkit",
                        "a.tsv",
                        "index\timage\tquestion\tA\tB\tanswer\n1\t\t\"Q\n?\"\tx\ty\tA\n2\t\tQ?\tx\ty\tE\n",
                        "a.tsv:4: answer: 'E' is neither the letter nor the text"),
                Arguments.of(
                        "vlmevalkit",
                        "a.tsv",
                        "index\tquestion\n1\tQ?\tx\ty\tz\n",
                        "a.tsv:2: has 5 cells, the first row has 2"),
                Arguments.of("vlmevalkit", "a.tsv", "A\tA\n", "a.tsv:1: two columns are named 'A'"),
                Arguments.of("vlmevalkit", "a.tsv", "", "a.tsv:1: is empty"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void givenAMalformedSourceWhenImportedThenFileAndLineAreNamedAndNothingIsLeftBehind(
            String name, String file, String content, String problem) throws IOException {
        Path source = Files.createDirectory(directory.resolve("source"));
        Files.writeString(source.resolve(file), content);

        assertThatThrownBy(() -> run(name, source, "medicine", false))
                .isInstanceOf(CaseException.class)
                .hasMessageStartingWith(problem);
        assertThat(directory).isDirectoryNotContaining(path -> !path.equals(source));
    }

    @Test
    void givenMalformedRowsWhenTheyMayBeSkippedThenTheOthersAreImportedAndTheReasonsKept() throws IOException {
        Path source = Files.writeString(directory.resolve("a.jsonl"), """
                {"id":"a","question":"Q?","options":{"A":"x","B":"y"},"label":"A"}
                {"id":"b","question":"Q?","options":{"A":"x","B":"y"},"label":"Z"}
                """);

        ImportReport report = run("medxpertqa", source, "medicine", true);

        assertThat(train()).extracting(Case::id).containsExactly("medxpertqa-a");
        assertThat(report.leftOut()).containsEntry("malformed", 1);
        assertThat(Files.readString(out().resolve("left-out.jsonl")))
                .contains("\"file\":\"a.jsonl\",\"line\":2")
                .contains("label: 'Z' is neither");
    }

    @Test
    void givenASourceThatIsNotThereWhenImportedThenItIsNamed() {
        Path nowhere = directory.resolve("nowhere");
        assertThatThrownBy(() -> run("medqa", nowhere, "medicine", false))
                .hasMessage(nowhere + ": no such file or directory");
        assertThatThrownBy(() -> run("medqa", directory, "medicine", false))
                .hasMessage(directory + ": holds no file that ends in .jsonl or .parquet");
        assertThatThrownBy(() -> CaseSources.named("medq"))
                .hasMessageStartingWith("NAME: 'medq' is not one of medxpertqa");
    }

    @Test
    void givenColumnsThatTheTableLacksWhenImportedThenTheFirstIsNamed() throws IOException {
        Path table = Files.writeString(directory.resolve("t.csv"), "id,q,a,b,l\n1,Q?,x,y,A\n");
        Path yaml = Files.writeString(
                directory.resolve("c.yaml"), "id: id\nquestion: text\noptions: {A: a, B: b}\nlabel: l\n");
        CaseSource source = new CsvTable(CsvTable.Columns.read(yaml));

        assertThatThrownBy(() -> CaseImport.run(
                        source,
                        table,
                        out(),
                        new CaseImport.Settings(Specialties.of(null, "a"), ALL_TRAIN, "t", false)))
                .hasMessage("t.csv:1: has no column 'text'; columns are id, q, a, b, l");
        Path wrong = Files.writeString(directory.resolve("wrong.yaml"), "id: id\nquestoin: q\n");
        assertThatThrownBy(() -> CsvTable.Columns.read(wrong))
                .hasMessageStartingWith(wrong + ": questoin: is no key; keys are context, id");
    }
}
