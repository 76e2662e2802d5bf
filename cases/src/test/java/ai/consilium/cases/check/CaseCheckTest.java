package ai.consilium.cases.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.clinic.TraceStyle;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.cases.prompt.PromptLayouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit fills the field
class CaseCheckTest {
    private static final PromptLayout LAYOUT = PromptLayouts.canonical();

    private static final String LINE = """
            {"id":"%s","specialty":"medicine","modality":"x-ray","images":[%s],"question":"%s",\
            "options":{"A":"%s","B":"%s"},"label":"A","source":"test"}
            """;

    @TempDir
    Path directory;

    /** Files that begin with "bad" are no pictures. */
    private static PictureLook look(Path file) {
        String name = file.getFileName().toString();
        return new PictureLook(
                name.startsWith("bad") ? "is empty" : null,
                name.startsWith("two") ? List.of("holds 2 pictures") : List.of());
    }

    private CaseReport check() {
        return CaseCheck.of(directory, LAYOUT, CaseCheckTest::look, (done, of) -> {})
                .report();
    }

    private void write(String train, String val, String test) throws IOException {
        Files.writeString(directory.resolve("train.jsonl"), train);
        Files.writeString(directory.resolve("val.jsonl"), val);
        Files.writeString(directory.resolve("test.jsonl"), test);
    }

    private void picture(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content);
    }

    private static String text(String id, String question) {
        return LINE.formatted(id, "", question, "yes", "no");
    }

    @Test
    void givenTheClinicsSentencesWhenCheckedByTheClinicalLayoutThenNothingIsFound() {
        Clinic.write(directory, new ClinicSettings(3, .3, TraceStyle.SENTENCES, 6, 3, 3));

        CaseReport report = CaseCheck.of(directory, PromptLayouts.clinical(), CaseCheckTest::look, (done, of) -> {})
                .report();

        assertThat(report.problems()).isEmpty();
    }

    @Test
    void givenSimulatedCasesWhenCheckedThenTheyAreCleanAndCounted() {
        Clinic.write(directory, new ClinicSettings(3, .3, 6, 3, 3));
        List<String> heard = Collections.synchronizedList(new ArrayList<>());

        CaseReport report = CaseCheck.of(
                        directory, LAYOUT, CaseCheckTest::look, (done, of) -> heard.add(done + "/" + of))
                .report();

        assertThat(report.problems()).isEmpty();
        assertThat(report.notes()).isEmpty();
        assertThat(report.files()).extracting(CaseReport.FileCount::file).isEqualTo(CaseLibrary.FILES);
        assertThat(report.files().get(0).cases()).isEqualTo(24);
        assertThat(report.files().get(0).simulated()).isTrue();
        assertThat(report.files().get(0).specialties()).hasSize(4).containsEntry("pediatrics", 6L);
        assertThat(heard).hasSize(48).contains("48/48");
    }

    @Test
    void givenProblemsOfEveryKindWhenCheckedThenAllAreListedInTheirPlaces() throws IOException {
        picture("bad.png", "");
        picture("good.png", "1");
        write(
                LINE.formatted("a", "\"bad.png\"", "Q1?", "yes", "no")
                        + "{broken\n"
                        + LINE.formatted("c", "\"good.png\",\"absent.png\"", " ", "yes", "no"),
                "",
                "");
        Files.delete(directory.resolve("val.jsonl"));

        List<CaseFinding> problems = check().problems();

        assertThat(problems)
                .extracting(CaseFinding::toString)
                .satisfiesExactly(
                        first -> assertThat(first).isEqualTo("train.jsonl:1: images: 'bad.png' is empty"),
                        second -> assertThat(second).startsWith("train.jsonl:2: broken JSON at column"),
                        third -> assertThat(third).isEqualTo("train.jsonl:3: images: 'absent.png' is missing"),
                        fourth -> assertThat(fourth).isEqualTo("train.jsonl:3: question: is empty"),
                        fifth -> assertThat(fifth).isEqualTo("val.jsonl: no such case file"));
        assertThat(problems).extracting(CaseFinding::id).containsExactly("a", null, "c", "c", null);
    }

    @Test
    void givenWhatStandsInTwoSplitsWhenCheckedThenTheLessHeldOutLineIsNamed() throws IOException {
        picture("a.png", "same");
        picture("b.png", "same");
        picture("c.png", "other");
        write(
                text("t1", "How  much\u00a0Insulin?")
                        + LINE.formatted("t2", "\"a.png\"", "What?", "yes", "no")
                        + text("t3", "Own?"),
                text("v1", "Mine?"),
                text("x0", "how much insulin?")
                        + LINE.formatted("x1", "\"b.png\"", "Else?", "no", "yes")
                        + LINE.formatted("x2", "\"c.png\"", "What?", "yes", "no")
                        + text("t3", "Another?"));

        assertThat(check().problems())
                .extracting(CaseFinding::toString)
                .containsExactly(
                        "train.jsonl:1: question: the same question with the same options is in test.jsonl:1",
                        "train.jsonl:2: images: 'a.png' is a picture of test.jsonl:2",
                        "train.jsonl:3: id: 't3' is also used in test.jsonl:4");
    }

    @Test
    void givenOptionsThatReadLikeLettersWhenCheckedThenThatIsNoted() throws IOException {
        picture("two.png", "2");
        write(
                LINE.formatted("a", "\"two.png\"", "Q1?", "yes", "(A)")
                        + LINE.formatted("b", "", "Q2?", "hepatitis B", "C"),
                "",
                "");

        assertThat(check().notes())
                .extracting(CaseFinding::toString)
                .containsExactlyInAnyOrder(
                        "train.jsonl:1: options.B: '(A)' reads like the letter of option A",
                        "train.jsonl:1: images: 'two.png' holds 2 pictures");
    }

    @Test
    void givenBadCasesWhenACleanCopyIsMadeThenItHasTheOthersAsTheyWereAndAListOfTheRest(@TempDir Path other)
            throws IOException {
        picture("bad.png", "");
        picture("good.png", "1");
        String good = LINE.formatted("b", "\"good.png\"", "Q2?", "yes", "no");
        write(LINE.formatted("a", "\"bad.png\"", "Q1?", "yes", "no") + good + "{broken\n", text("v", "Q3?"), "");
        Path out = other.resolve("clean");

        int left = CaseCheck.of(directory, LAYOUT, CaseCheckTest::look, (done, of) -> {})
                .copyClean(out);

        assertThat(left).isEqualTo(2);
        assertThat(out.resolve("train.jsonl")).hasContent(good);
        assertThat(out.resolve("good.png")).hasContent("1");
        assertThat(out.resolve("bad.png")).doesNotExist();
        assertThat(CaseFile.read(out.resolve("val.jsonl")).cases())
                .extracting(Case::id)
                .containsExactly("v");
        assertThat(Files.readAllLines(out.resolve("left-out.jsonl")))
                .hasSize(2)
                .first()
                .isEqualTo(
                        "{\"file\":\"train.jsonl\",\"line\":1,\"id\":\"a\",\"reasons\":[\"images: 'bad.png' is empty\"]}");
    }

    @Test
    void givenNoDirectoryWhenCheckedThenItIsNamed() {
        Path nowhere = directory.resolve("nowhere");
        assertThatThrownBy(() -> CaseCheck.of(nowhere, LAYOUT, CaseCheckTest::look, (done, of) -> {}))
                .hasMessage(nowhere + ": no such directory of cases");
    }
}
