package ai.consilium.cases.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.consilium.cases.clinic.Vocabulary;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cases.prompt.PromptLayouts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The real cases of mmed-mini, beside the checkout or where {@code -Dconsilium.mmed.mini=DIR} names their directory. */
class RealCasesTest {
    private static final String PROPERTY = "consilium.mmed.mini";

    @ParameterizedTest
    @CsvSource({"train, 2974", "val, 345", "test, 654"})
    void givenRealCasesWhenReadThenAllAreThereAndMostWordsAreOneToken(String split, int count) {
        Path directory = Path.of(System.getProperty(PROPERTY, "../../shared/data/mmed-mini"));
        assumeTrue(
                Files.isDirectory(directory),
                "skipped: no real cases at " + directory + "; -D" + PROPERTY + "=DIR names the directory of mmed-mini");

        CaseFile file = CaseFile.read(directory.resolve(split + ".jsonl"));

        assertThat(file.cases()).hasSize(count);
        List<String> tokens = file.cases().stream()
                .map(each -> PromptLayouts.canonical()
                        .prompt(each, Perspective.NONE)
                        .user()
                        .text())
                .flatMap(prompt -> Vocabulary.split(prompt).stream())
                .toList();
        assertThat(tokens).doesNotContain(Vocabulary.UNKNOWN);
        long pieces = tokens.stream()
                .filter(token -> token.startsWith(Vocabulary.CONTINUES))
                .count();
        assertThat((double) pieces / tokens.size()).isLessThan(0.02);
    }
}
