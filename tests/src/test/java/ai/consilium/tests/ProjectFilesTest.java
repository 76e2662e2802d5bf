package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a project says of itself: its version, its changes, its pages. */
class ProjectFilesTest {
    private static final Path ROOT = Path.of("..");

    @ParameterizedTest
    @ValueSource(strings = {"--version", "train --version", "topics describe -V"})
    void givenAnyCommandWhenAskedForItsVersionThenItNamesCommitJavaAndPyTorch(String arguments) throws IOException {
        CommandLineRun run = CommandLineRun.of(arguments.split(" ", -1));
        assertThat(run.code()).isZero();
        assertThat(run.errors()).isEmpty();
        assertThat(run.output()).hasSize(2);
        assertThat(run.output().get(0))
                .matches("consilium " + Pattern.quote(ProjectVersion.read())
                        + " \\(commit (unknown|[0-9a-f]{7,}(\\+changes)?)\\)");
        assertThat(run.output().get(1))
                .matches("Java " + Pattern.quote(System.getProperty("java.version")) + ", PyTorch \\d+\\.\\d+\\.\\d+");
    }

    @Test
    void givenTheChangelogWhenReadThenItsNewestEntryIsThisVersion() throws IOException {
        assertThat(Files.readAllLines(ROOT.resolve("CHANGELOG.md")))
                .filteredOn(line -> line.startsWith("## "))
                .first()
                .asString()
                .startsWith("## [" + ProjectVersion.read() + "] - ");
    }

    @Test
    void givenTheDocumentationsIndexWhenReadThenEveryPageIsInIt() throws IOException {
        String index = Files.readString(ROOT.resolve("docs/README.md"));
        try (var pages = Files.walk(ROOT.resolve("docs"))) {
            assertThat(pages.filter(page -> page.toString().endsWith(".md")).map(ROOT.resolve("docs")::relativize))
                    .isNotEmpty()
                    .filteredOn(page -> !page.equals(Path.of("README.md")))
                    .allMatch(page -> index.contains("(" + page + ")"));
        }
    }
}
