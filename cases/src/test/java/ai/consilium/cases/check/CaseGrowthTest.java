package ai.consilium.cases.check;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run that goes on takes in of its files, and what it refuses. */
@SuppressWarnings("NullAway.Init") // JUnit and the set-up fill the fields
class CaseGrowthTest {
    private static final List<String> SPECIALTIES = List.of("pediatrics");

    @TempDir
    private Path directory;

    private CaseLibrary library;
    private CaseFile edition;

    @BeforeEach
    void begin() throws IOException {
        Files.createDirectories(directory.resolve("images"));
        for (String picture : List.of("a", "v", "new")) {
            Files.writeString(directory.resolve("images/" + picture + ".png"), picture);
        }
        Files.writeString(directory.resolve("train.jsonl"), line("a", "pediatrics", "a") + "\n");
        Files.writeString(directory.resolve("val.jsonl"), line("v", "pediatrics", "v") + "\n");
        Files.writeString(directory.resolve("test.jsonl"), line("t", "pediatrics", "a") + "\n");
        library = new CaseLibrary(directory);
        edition = library.file("train.jsonl");
        CaseLibrary.FILES.forEach(library::asRead);
    }

    private static String line(String id, String specialty, String picture) {
        return """
                {"id":"%s","specialty":"%s","modality":"film","images":["images/%s.png"],"question":"What?",\
                "options":{"A":"yes","B":"no"},"label":"A","source":"test"}""".formatted(id, specialty, picture);
    }

    private CaseGrowth after(String file, String text) throws IOException {
        Files.writeString(directory.resolve(file), text, StandardOpenOption.APPEND);
        return CaseGrowth.look(library, edition, SPECIALTIES);
    }

    private static String problem(CaseGrowth growth) {
        return growth instanceof CaseGrowth.Refused refused ? refused.problem() : growth.toString();
    }

    @Test
    void givenNothingOrLessThanALineWasAddedThenNothingIsTakenIn() throws IOException {
        assertThat(after("train.jsonl", "")).isEqualTo(new CaseGrowth.Same(false));
        assertThat(after("train.jsonl", "\n")).isEqualTo(new CaseGrowth.Same(false));
        assertThat(after("train.jsonl", line("b", "pediatrics", "new").substring(0, 30)))
                .isEqualTo(new CaseGrowth.Same(true));
    }

    @Test
    void givenLinesWereAddedThenTheyAreTakenInAndOneWithoutAnEndIsLeft() throws IOException {
        CaseGrowth growth = after("train.jsonl", line("b", "pediatrics", "new") + "\n{\"id\":");

        assertThat(growth).isInstanceOfSatisfying(CaseGrowth.Grown.class, grown -> {
            assertThat(grown.edition().cases()).extracting(Case::id).containsExactly("a", "b");
            assertThat(grown.unfinished()).isTrue();
            assertThat(grown.imagesSha256()).isEqualTo(grown.edition().imagesSha256());
            assertThat(library.edition("train.jsonl", grown.edition().sha256())).contains(grown.edition());
        });
    }

    @Test
    void givenALineThatCannotBeUsedThenItIsRefusedByFileAndLine() throws IOException {
        assertThat(problem(after("train.jsonl", line("a", "pediatrics", "new") + "\n")))
                .isEqualTo("train.jsonl:2: id: 'a' is also used in line 1");
        begin();
        assertThat(problem(after("train.jsonl", line("b", "pediatrics", "none") + "\n")))
                .isEqualTo("train.jsonl:2: images: 'images/none.png' is missing");
        begin();
        assertThat(problem(after("train.jsonl", line("b", "surgery", "new") + "\n")))
                .isEqualTo("train.jsonl:2: specialty: 'surgery' is none that the run or its file had; the run has"
                        + " pediatrics");
        begin();
        assertThat(problem(after("train.jsonl", line("b", "pediatrics", "v") + "\n")))
                .isEqualTo("train.jsonl:2: images: 'images/v.png' is a picture of val.jsonl:1");
        begin();
        assertThat(problem(after("train.jsonl", line("t", "pediatrics", "new") + "\n")))
                .isEqualTo("train.jsonl:2: id: 't' is also used in test.jsonl:1");
    }

    @Test
    void givenWhatTheRunReadHasChangedThenItIsRefusedByFileAndLine() throws IOException {
        Files.writeString(
                directory.resolve("train.jsonl"),
                line("z", "pediatrics", "a") + "\n" + line("b", "pediatrics", "new") + "\n");
        assertThat(problem(after("train.jsonl", ""))).startsWith("train.jsonl:1: has changed or is gone; ");
        Files.writeString(directory.resolve("train.jsonl"), "");
        assertThat(problem(after("train.jsonl", ""))).startsWith("train.jsonl:1: has changed or is gone; ");
        begin();
        assertThat(problem(after("val.jsonl", line("w", "pediatrics", "new") + "\n")))
                .isEqualTo("val.jsonl: lines were added; held-out cases may not change while a run goes on");
        begin();
        Files.writeString(directory.resolve("test.jsonl"), line("u", "pediatrics", "a") + "\n");
        assertThat(problem(after("train.jsonl", line("b", "pediatrics", "new") + "\n")))
                .startsWith("test.jsonl:1: has changed or is gone; ");
        begin();
        Files.delete(directory.resolve("val.jsonl"));
        assertThat(problem(after("train.jsonl", ""))).endsWith("val.jsonl: no such case file");
    }

    /** Cases that a run passes over may be added too. */
    @Test
    void givenASpecialtyThatTheFileHadBeforeThenItIsTakenIn() throws IOException {
        Files.writeString(
                directory.resolve("train.jsonl"),
                line("a", "pediatrics", "a") + "\n" + line("s", "surgery", "a") + "\n");
        library = new CaseLibrary(directory);
        edition = library.file("train.jsonl");

        assertThat(after("train.jsonl", line("s2", "surgery", "new") + "\n")).isInstanceOf(CaseGrowth.Grown.class);
    }
}
