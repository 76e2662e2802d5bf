package ai.consilium.cases.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.format.CaseFileMismatchException;
import ai.consilium.cases.format.GrowingCaseFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A training file that lines are added to, and those who know it by the hash that it had. */
class GrowingCaseFileTest {
    private final Path directory;
    private final Path file;

    GrowingCaseFileTest(@TempDir Path directory) {
        this.directory = directory;
        this.file = directory.resolve("train.jsonl");
    }

    private static String line(String id) {
        return """
                {"id":"%s","specialty":"pediatrics","modality":"text","images":[],"question":"What of %s?",\
                "options":{"A":"yes","B":"no"},"label":"A","source":"test"}""".formatted(id, id);
    }

    private String written(String text) throws IOException {
        Files.writeString(file, text);
        return CaseFile.read(file).sha256();
    }

    private void add(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n"})
    void givenLinesAreAddedThenEveryFileThatItWasIsABeginningOfIt(String end) throws IOException {
        String one = written(line("a") + end);
        String unended = written(line("a") + end + line("b"));
        String two = written(line("a") + end + line("b") + end);
        add(line("c") + end);
        GrowingCaseFile now = GrowingCaseFile.read(file);

        assertThat(now.beginning(one).orElseThrow().cases())
                .extracting(Case::id)
                .containsExactly("a");
        assertThat(now.beginning(unended).orElseThrow().cases())
                .extracting(Case::id)
                .containsExactly("a", "b");
        assertThat(now.beginning(two).orElseThrow().sha256()).isEqualTo(two);
        assertThat(now.beginning(now.sha256()).orElseThrow()).isEqualTo(CaseFile.read(file));
        assertThat(now.finished()).isEqualTo(now.whole());
        assertThat(now.beginning("00")).isEmpty();
        assertThat(now.beginning("none")).isEmpty();
    }

    @Test
    void givenALineThatIsBeingWrittenThenOnlyTheFinishedOnesAreTaken() throws IOException {
        String before = written(line("a") + "\n");
        add(line("b") + "\n" + line("c").substring(0, 40));
        GrowingCaseFile now = GrowingCaseFile.read(file);

        assertThat(now.unfinished()).isTrue();
        assertThat(now.finished().cases()).extracting(Case::id).containsExactly("a", "b");
        assertThat(now.behind(before)).extracting(line -> line.id()).containsExactly("b");
        assertThatThrownBy(now::whole).hasMessageStartingWith("train.jsonl:3: broken JSON");
        assertThat(now.usable()).isEqualTo(now.finished());
        String written = now.finished().sha256();
        add(line("c").substring(40) + "\n");
        assertThat(GrowingCaseFile.read(file).has(written)).isTrue();
    }

    @Test
    void givenALineThatCannotBeUsedThenTheLinesBeforeItCan() throws IOException {
        String before = written(line("a") + "\n");
        String usable = written(line("a") + "\n\n");
        add(line("a") + "\n" + line("b") + "\n");
        CaseLibrary library = new CaseLibrary(directory);

        assertThat(library.usable("train.jsonl").sha256()).isEqualTo(usable);
        assertThat(library.edition("train.jsonl", before).orElseThrow().cases())
                .extracting(Case::id)
                .containsExactly("a");
        assertThatThrownBy(() -> library.file("train.jsonl"))
                .hasMessage("train.jsonl:3: id: 'a' is also used in line 1");
    }

    @Test
    void givenAnOldLineChangesOrGoesThenTheFirstIsNamedAndTheBeginningIsGone() throws IOException {
        String text = line("a") + "\n" + line("b") + "\n" + line("c") + "\n";
        String sha256 = written(text);
        GrowingCaseFile before = GrowingCaseFile.read(file);

        written(text.replace("What of b?", "What of it?") + line("d") + "\n");
        GrowingCaseFile changed = GrowingCaseFile.read(file);
        written(line("a") + "\n" + line("b") + "\n");
        GrowingCaseFile shorter = GrowingCaseFile.read(file);
        written(text + line("d") + "\n");
        GrowingCaseFile longer = GrowingCaseFile.read(file);

        assertThat(before.firstChange(changed)).isEqualTo(2);
        assertThat(changed.has(sha256)).isFalse();
        assertThat(before.firstChange(shorter)).isEqualTo(3);
        assertThat(before.firstChange(longer)).isZero();
    }

    @Test
    void givenARecordNamesWhatTheFileWasOrHasBecomeThenTheLibraryHasItAndNothingElse() throws IOException {
        String before = written(line("a") + "\n");
        CaseLibrary library = new CaseLibrary(directory);
        assertThat(library.resolve("train.jsonl", before, "a").id()).isEqualTo("a");

        add(line("b") + "\n");
        String after = CaseFile.read(file).sha256();

        assertThat(library.resolve("train.jsonl", after, "b").id()).isEqualTo("b");
        assertThat(library.resolve("train.jsonl", before, "a").id()).isEqualTo("a");
        assertThatThrownBy(() -> library.resolve("train.jsonl", before, "b"))
                .isExactlyInstanceOf(CaseException.class)
                .hasMessage("train.jsonl: has no case 'b'");
        assertThat(library.file("train.jsonl").sha256()).isEqualTo(before);
    }

    /** Lines that no run has taken in may still be changed: a library that read them goes by what became of them. */
    @Test
    void givenAddedLinesWereReadAndThenChangedWhenTakenInThenTheyAreAsTheyBecame() throws IOException {
        String run = written(line("a") + "\n");
        add(line("c") + "\n" + line("b") + "\n");
        CaseLibrary library = new CaseLibrary(directory);
        assertThat(library.edition("train.jsonl", run)).isPresent();

        String after = written(line("a") + "\n" + line("b") + "\n" + line("c") + "\n");

        assertThat(library.resolve("train.jsonl", after, "b").question()).isEqualTo("What of b?");
        assertThat(library.resolve("train.jsonl", after, "c").question()).isEqualTo("What of c?");
        assertThat(library.resolve("train.jsonl", run, "a").id()).isEqualTo("a");
    }

    @Test
    void givenTheRunHasMoreThanThisHostWhenARecordNamesItThenItIsTheHostThatIsBehind() throws IOException {
        String here = written(line("a") + "\n");
        String run = "ab".repeat(32);
        CaseLibrary library = new CaseLibrary(directory).ofRun(new RunCases() {
            @Override
            public Optional<String> instead(String file, String sha256) {
                return Optional.empty();
            }

            @Override
            public Optional<String> training(int round) {
                return Optional.of(round == 0 ? here : run);
            }

            @Override
            public String told(String sha256) {
                return sha256.equals(run) ? "2 cases since round 3" : "";
            }
        });

        assertThat(library.training(0).cases()).hasSize(1);
        assertThatThrownBy(() -> library.training(2))
                .isInstanceOf(CaseFileMismatchException.class)
                .hasMessage(
                        "%s is not the run's file, which has 2 cases since round 3; this one has 1: its SHA-256 is %s,"
                                        .formatted(file.toAbsolutePath(), here)
                                + " the run's is " + run);
        add(line("b") + "\n");
        assertThatThrownBy(() -> library.resolve("train.jsonl", run, "b"))
                .isInstanceOf(CaseFileMismatchException.class);
    }
}
