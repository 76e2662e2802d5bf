package ai.consilium.cli.eval;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** A file of cases that no model is asked. */
final class EvaluatedCases {
    static final String FILE = "test.jsonl";

    private EvaluatedCases() {}

    /** One case for each specialty that is named, with the ids c0, c1, … */
    static EvaluationCases of(Path directory, String... specialties) {
        List<Case> cases = IntStream.range(0, specialties.length)
                .mapToObj(i -> new Case(
                        "c" + i,
                        specialties[i],
                        "film",
                        List.of("a.png"),
                        "what",
                        new TreeMap<>(Map.of("A", "ward", "B", "home")),
                        "A",
                        Map.of(),
                        null,
                        Map.of(),
                        "test"))
                .toList();
        CaseFile file = new CaseFile(directory.resolve(FILE), "hash", cases);
        return new EvaluationCases(new CaseLibrary(directory), Map.of(FILE, file));
    }
}
