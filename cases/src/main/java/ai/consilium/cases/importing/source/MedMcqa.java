package ai.consilium.cases.importing.source;

import ai.consilium.cases.format.CaseException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** MedMCQA (2203.14371). Its own files count the answers from 1, exports from Hugging Face from 0; both call the field cop. */
record MedMcqa() implements CaseSource {
    private static final String ANSWER = "cop";
    private static final List<String> OPTIONS = List.of("opa", "opb", "opc", "opd");

    @Override
    public String name() {
        return "medmcqa";
    }

    @Override
    public String layout() {
        return "train.json or dev.json (JSONL); text only";
    }

    @Override
    public String licence() {
        return "Apache-2.0";
    }

    @Override
    public void read(Path source, Rows rows) {
        Path directory = SourceFiles.directory(source);
        for (Path file : SourceFiles.find(source, ".json", ".jsonl", ObjectRows.PARQUET)) {
            int first = first(file, directory);
            ObjectRows.each(file, directory, row -> rows.take(row, taken -> outcome(taken, first)));
        }
    }

    /** The number of the first option: 0 or 1, which only the whole file shows. */
    private static int first(Path file, Path directory) {
        SortedSet<Integer> used = new TreeSet<>();
        ObjectRows.each(
                file,
                directory,
                row -> used.add(row.fields().node().path(ANSWER).asInt(-1)));
        boolean fromZero = used.contains(0);
        boolean fromOne = used.contains(OPTIONS.size());
        if (fromZero == fromOne && used.stream().anyMatch(number -> number > 0)) {
            throw new CaseException(file.getFileName() + ": " + ANSWER + ": "
                    + (fromZero ? "holds both 0 and 4" : "holds neither 0 nor 4")
                    + ", so that nobody can tell whether the options are counted from 0 or from 1");
        }
        return fromOne ? 1 : 0;
    }

    private static RowOutcome outcome(SourceRow row, int first) {
        int number = row.fields().node().path(ANSWER).asInt(-1);
        if (number < 0) {
            return new RowOutcome.Omission("no answer is published");
        }
        Map<String, String> options = row.options(OPTIONS);
        String label = SourceRow.letter(number - first);
        if (!options.containsKey(label)) {
            throw row.fields().refuse(ANSWER, number + " is the number of no option");
        }
        return Draft.of(
                        row.fields().text("id"),
                        row.optional("subject_name"),
                        "",
                        List.of(),
                        row.fields().text("question"),
                        options,
                        label)
                .asQuestion();
    }
}
