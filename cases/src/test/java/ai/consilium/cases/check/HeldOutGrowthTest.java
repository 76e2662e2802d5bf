package ai.consilium.cases.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run that gets a specialty more takes in of its held-out files, and what it refuses. */
@SuppressWarnings("NullAway.Init") // JUnit and the set-up fill the fields
class HeldOutGrowthTest {
    private static final String FILE = CaseLibrary.VALIDATION_FILE;

    @TempDir
    private Path directory;

    private String had;

    @BeforeEach
    void begin() throws IOException {
        Files.createDirectories(directory.resolve("images"));
        for (String picture : List.of("a", "t", "v", "new")) {
            Files.writeString(directory.resolve("images/" + picture + ".png"), picture);
        }
        Files.writeString(directory.resolve("train.jsonl"), line("a", "pediatrics", "a"));
        Files.writeString(directory.resolve("test.jsonl"), line("t", "pediatrics", "t"));
        Files.writeString(directory.resolve(FILE), line("v", "pediatrics", "v"));
        had = CaseFile.read(directory.resolve(FILE)).sha256();
    }

    private static String line(String id, String specialty, String picture) {
        return """
                {"id":"%s","specialty":"%s","modality":"film","images":["images/%s.png"],"question":"What?",\
                "options":{"A":"yes","B":"no"},"label":"A","source":"test"}
                """.formatted(id, specialty, picture);
    }

    private Optional<CaseFile> after(String added) throws IOException {
        Files.writeString(directory.resolve(FILE), added, StandardOpenOption.APPEND);
        return HeldOutGrowth.ofRun(new CaseLibrary(directory), FILE, had, List.of("skin"));
    }

    @Test
    void givenCasesOfTheSpecialtyThatIsAddedThenTheRunStillHasWhatItHad() throws IOException {
        assertThat(after(line("b", "skin", "new"))).hasValueSatisfying(file -> {
            assertThat(file.sha256()).isEqualTo(had);
            assertThat(file.cases()).extracting(Case::id).containsExactly("v");
        });
    }

    @Test
    void givenAFileThatDoesNotBeginWithTheRunsThenItIsAnother() throws IOException {
        Files.writeString(directory.resolve(FILE), line("w", "skin", "new"));

        assertThat(HeldOutGrowth.ofRun(new CaseLibrary(directory), FILE, had, List.of("skin")))
                .isEmpty();
    }

    @Test
    void givenACaseOfAnotherSpecialtyThenItIsRefusedByFileAndLine() {
        assertThatThrownBy(() -> after(line("b", "skin", "new") + line("c", "pediatrics", "new")))
                .hasMessageStartingWith("val.jsonl:3: specialty: 'pediatrics' is none that is added to the run");
    }

    @Test
    void givenACaseThatStandsInAnotherFileThenItIsRefusedByFileAndLine() {
        assertThatThrownBy(() -> after(line("b", "skin", "a")))
                .hasMessageStartingWith("val.jsonl:2: images: 'images/a.png' is a picture of train.jsonl:1");
    }

    @Test
    void givenALineThatCannotBeUsedOrHasNoEndThenItIsRefused() {
        assertThatThrownBy(() -> after("{\"id\":\"b\"}\n")).hasMessageStartingWith("val.jsonl:2: ");
        assertThatThrownBy(() -> after("{\"id\":"))
                .hasMessage("val.jsonl: its last line has no end: somebody may be writing it");
    }
}
