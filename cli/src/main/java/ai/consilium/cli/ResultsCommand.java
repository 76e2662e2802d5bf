package ai.consilium.cli;

import ai.consilium.inference.Evaluator.Verdict;
import ai.consilium.inference.Interval;
import ai.consilium.inference.PairedBootstrap;
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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Joins finished runs (seeds): mean accuracy a row, and paired differences over seeds × cases. */
@Command(
        name = "results",
        description = "Joins the results of finished runs: accuracy a row and paired differences over seeds and cases.",
        mixinStandardHelpOptions = true)
final class ResultsCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PairedBootstrap BOOTSTRAP = new PairedBootstrap(10_000, 1L);

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "RUN_DIR", description = "Run directories with a verdicts.json.")
    private List<Path> runs = List.of();

    @Override
    public Integer call() throws IOException {
        List<Map<String, Map<String, Boolean>>> verdicts = new ArrayList<>();
        for (Path run : runs) {
            verdicts.add(read(run));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(runs.size() + " run(s)");
        for (String row : verdicts.get(0).keySet()) {
            double mean = verdicts.stream()
                    .mapToDouble(v -> accuracy(v.getOrDefault(row, Map.of())))
                    .average()
                    .orElse(0);
            out.printf(Locale.ROOT, "%-12s %5.1f%n", row, 100 * mean);
        }
        for (String[] pair :
                new String[][] {{"rl", "dsa"}, {"rl", "sft_longer"}, {"dsa", "base"}, {"unified", "base"}}) {
            printDifference(out, verdicts, pair[0], pair[1]);
        }
        out.flush();
        return 0;
    }

    private static void printDifference(
            PrintWriter out, List<Map<String, Map<String, Boolean>>> verdicts, String row, String against) {
        List<List<Verdict>> ours = new ArrayList<>();
        List<List<Verdict>> theirs = new ArrayList<>();
        for (Map<String, Map<String, Boolean>> run : verdicts) {
            Map<String, Boolean> a = run.get(row);
            Map<String, Boolean> b = run.get(against);
            if (a == null || b == null) {
                return;
            }
            SortedSet<String> ids = new TreeSet<>(a.keySet());
            ids.retainAll(b.keySet());
            ours.add(hits(a, ids));
            theirs.add(hits(b, ids));
        }
        Interval d = BOOTSTRAP.compare(ours, theirs);
        out.printf(
                Locale.ROOT,
                "%s against %s: %+.1f points [%+.1f, %+.1f]%n",
                row,
                against,
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
