package ai.consilium.cli.command;

import ai.consilium.cli.report.Results;
import ai.consilium.evaluation.Evaluator.Verdict;
import ai.consilium.evaluation.Interval;
import ai.consilium.evaluation.PairedBootstrap;
import ai.consilium.platform.UsageException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Joins finished runs (seeds): mean accuracy a row, and paired differences over seeds × cases. */
@Command(
        name = "results",
        description =
                "Combines the results of finished runs: accuracy per row and paired differences over seeds and cases.",
        mixinStandardHelpOptions = true)
public final class ResultsCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PairedBootstrap BOOTSTRAP = new PairedBootstrap(10_000, 1L);

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "RUN_DIR", description = "Run directories with a verdicts.json.")
    private List<Path> runs = List.of();

    @Option(
            names = "--against",
            arity = "1..*",
            paramLabel = "RUN_DIR",
            description =
                    "As many runs with other settings, in the same order; compares rl with their rl, and the agent with theirs.")
    private List<Path> others = List.of();

    @Override
    public Integer call() throws IOException {
        if (!others.isEmpty() && others.size() != runs.size()) {
            throw new UsageException("--against: " + others.size() + " runs given, " + runs.size() + " needed");
        }
        List<Map<String, Map<String, Boolean>>> verdicts = readAll(runs);
        PrintWriter out = spec.commandLine().getOut();
        out.println(runs.size() + " run(s)");
        for (String row : verdicts.get(0).keySet()) {
            double mean = verdicts.stream()
                    .mapToDouble(v -> accuracy(v.getOrDefault(row, Map.of())))
                    .average()
                    .orElse(0);
            out.printf(Locale.ROOT, "%-12s %5.1f%n", row, 100 * mean);
        }
        for (Results.Pair pair : Results.PAIRS) {
            printDifference(
                    out,
                    pair.row() + " against " + pair.against(),
                    rows(verdicts, pair.row()),
                    rows(verdicts, pair.against()));
        }
        if (!others.isEmpty()) {
            List<Map<String, Map<String, Boolean>>> theirs = readAll(others);
            for (String row : List.of("rl", "unified")) {
                printDifference(
                        out, "%s against %s of --against".formatted(row, row), rows(verdicts, row), rows(theirs, row));
            }
        }
        out.flush();
        return 0;
    }

    private static List<Map<String, Map<String, Boolean>>> readAll(List<Path> runs) throws IOException {
        List<Map<String, Map<String, Boolean>>> verdicts = new ArrayList<>();
        for (Path run : runs) {
            verdicts.add(read(run));
        }
        return verdicts;
    }

    /** A row of every run; empty where a run lacks it. */
    private static List<Map<String, Boolean>> rows(List<Map<String, Map<String, Boolean>>> verdicts, String row) {
        return verdicts.stream().map(run -> run.getOrDefault(row, Map.of())).toList();
    }

    private static void printDifference(
            PrintWriter out, String name, List<Map<String, Boolean>> rows, List<Map<String, Boolean>> against) {
        List<List<Verdict>> ours = new ArrayList<>();
        List<List<Verdict>> theirs = new ArrayList<>();
        for (int run = 0; run < rows.size(); run++) {
            SortedSet<String> ids = new TreeSet<>(rows.get(run).keySet());
            ids.retainAll(against.get(run).keySet());
            if (ids.isEmpty()) {
                return;
            }
            ours.add(hits(rows.get(run), ids));
            theirs.add(hits(against.get(run), ids));
        }
        Interval d = BOOTSTRAP.compare(ours, theirs);
        out.printf(
                Locale.ROOT,
                "%s: %+.1f points [%+.1f, %+.1f]%n",
                name,
                100 * d.estimate(),
                100 * d.low(),
                100 * d.high());
    }

    private static List<Verdict> hits(Map<String, Boolean> verdicts, SortedSet<String> ids) {
        return ids.stream()
                .map(id -> new Verdict(id, Objects.requireNonNull(verdicts.get(id))))
                .toList();
    }

    private static double accuracy(Map<String, Boolean> verdicts) {
        return verdicts.values().stream().filter(v -> v).count() / (double) Math.max(1, verdicts.size());
    }

    private static Map<String, Map<String, Boolean>> read(Path run) throws IOException {
        Path file = run.resolve("verdicts.json");
        if (!Files.isRegularFile(file)) {
            throw new UsageException(run + ": no verdicts.json; only a finished run has one");
        }
        return JSON.readValue(file.toFile(), new TypeReference<LinkedHashMap<String, Map<String, Boolean>>>() {});
    }
}
