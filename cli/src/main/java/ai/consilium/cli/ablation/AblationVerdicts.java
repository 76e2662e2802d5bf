package ai.consilium.cli.ablation;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.run.DataSet;
import ai.consilium.evaluation.Evaluator.Verdict;
import ai.consilium.platform.AtomicFile;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the finished runs and merges of an ablation answered on the held-out cases.
 *
 * @param specialties in the order of the configuration
 * @param verdicts by row, seed and specialty, in the order of the cases' ids
 * @param tokens that were sampled in training, by row and seed; a merge samples none
 */
record AblationVerdicts(
        List<String> specialties,
        Map<String, SortedMap<Long, Map<String, List<Verdict>>>> verdicts,
        Map<String, SortedMap<Long, Long>> tokens) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A line of ablation.jsonl. */
    private record Line(String row, long seed, String specialty, int n, int correct) {}

    static AblationVerdicts read(AblationPlan plan) throws IOException {
        Map<String, SortedMap<Long, Map<String, List<Verdict>>>> verdicts = new LinkedHashMap<>();
        plan.rows().forEach(row -> verdicts.put(row.name(), new TreeMap<>()));
        Map<String, SortedMap<Long, Long>> tokens = new LinkedHashMap<>();
        Map<String, String> specialties = new LinkedHashMap<>();
        List<String> columns = plan.units().get(0).settings().config().specialties();
        for (AblationUnit unit : plan.done()) {
            if (specialties.isEmpty()) {
                specialties.putAll(specialties(plan, unit));
            }
            Map<String, List<Verdict>> own = new LinkedHashMap<>();
            columns.forEach(column -> own.put(column, new ArrayList<>()));
            hits(unit).forEach((id, right) -> {
                List<Verdict> column = own.get(specialties.get(id));
                if (column != null) {
                    column.add(new Verdict(id, right));
                }
            });
            verdicts.computeIfAbsent(unit.row().name(), row -> new TreeMap<>()).put(unit.seed(), own);
            unit.sampledTokens()
                    .ifPresent(sampled -> tokens.computeIfAbsent(unit.row().name(), row -> new TreeMap<>())
                            .put(unit.seed(), sampled));
        }
        return new AblationVerdicts(columns, verdicts, tokens);
    }

    private static SortedMap<String, Boolean> hits(AblationUnit unit) throws IOException {
        Path file = unit.directory().resolve("verdicts.json");
        Map<String, SortedMap<String, Boolean>> rows = JSON.readValue(
                file.toFile(), new TypeReference<LinkedHashMap<String, SortedMap<String, Boolean>>>() {});
        SortedMap<String, Boolean> hits = rows.get(unit.row().kind().policy());
        if (hits == null) {
            throw new IllegalStateException(
                    file + " has no row " + unit.row().kind().policy());
        }
        return hits;
    }

    /** Of the held-out cases, by id: all runs have the same. */
    private static Map<String, String> specialties(AblationPlan plan, AblationUnit unit) {
        ConsiliumConfig config = unit.settings().config();
        AblationUnit run = plan.run(unit);
        Path root = DataSet.root(config, run.directory());
        Map<String, String> specialties = new LinkedHashMap<>();
        for (Case one : new CaseLibrary(root).file(CaseLibrary.TEST_FILE).cases()) {
            specialties.put(one.id(), one.specialty());
        }
        return specialties;
    }

    /** Mean over a row's seeds; null where nothing was sampled. */
    @Nullable
    Long sampledTokens(String row) {
        SortedMap<Long, Long> bySeed = tokens.getOrDefault(row, Collections.emptySortedMap());
        return bySeed.isEmpty()
                ? null
                : Math.round(bySeed.values().stream()
                        .mapToLong(Long::longValue)
                        .average()
                        .orElseThrow());
    }

    /** Writes a line for each row, seed and specialty. */
    void writeLines(Path file) throws JsonProcessingException {
        StringBuilder text = new StringBuilder();
        for (var row : verdicts.entrySet()) {
            for (var seed : row.getValue().entrySet()) {
                for (var specialty : seed.getValue().entrySet()) {
                    List<Verdict> all = specialty.getValue();
                    int correct = (int) all.stream().filter(Verdict::correct).count();
                    Line line = new Line(row.getKey(), seed.getKey(), specialty.getKey(), all.size(), correct);
                    text.append(JSON.writeValueAsString(line)).append('\n');
                }
            }
        }
        AtomicFile.write(file, text.toString());
    }
}
