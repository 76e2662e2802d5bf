package ai.consilium.cli.command;

import ai.consilium.reward.rubric.Rubric;
import ai.consilium.reward.rubric.RubricFile;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Rubrics that right answers are scored by. */
final class GuidelineOption {
    private static final String NAME = "--guideline";

    @Option(
            names = NAME,
            paramLabel = "FILE",
            description = {
                "Scores right answers under a rubric's perspective, or all where it has none, by the rubric: YAML or"
                        + " shipped:NAME. Repeatable; may be added when the rest is there."
            })
    private List<String> files = List.of();

    /** Reads them. @throws ai.consilium.platform.UsageException naming file, line and field */
    List<Rubric> rubrics() {
        return files.stream()
                .map(file -> RubricFile.read(NAME, file, Path.of("")))
                .toList();
    }
}
