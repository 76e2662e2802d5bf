package ai.consilium.cli.command.log;

import ai.consilium.cli.report.ReportJson;
import ai.consilium.runlog.TrainingStep;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium steps}. */
@Command(
        name = "steps",
        description = {
            "Metrics of every step of reinforcement and consolidation of a run, named as in verl and TRL.",
            "With --run-dir: the run of 'train' in that directory, running or finished. Otherwise: the run run_id of a cluster."
        },
        mixinStandardHelpOptions = true)
public final class StepsCommand implements Callable<Integer> {
    private static final String SPECIALTY = "specialty";
    private static final String VERSION = "version";
    private static final CsvMapper CSV = CsvMapper.csvBuilder()
            .enable(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING)
            .build();

    /** How to print. */
    enum Format {
        TABLE,
        CSV,
        JSON
    }

    @Spec
    private CommandSpec spec;

    @Mixin
    private LogOptions log;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "table",
            description = {
                "table: mean, minimum and maximum of each metric over the steps; csv or json: every step (default: ${DEFAULT-VALUE})."
            })
    private Format format = Format.TABLE;

    @Override
    public Integer call() throws IOException {
        List<TrainingStep> steps = log.look(TrainingStep::read);
        PrintWriter out = spec.commandLine().getOut();
        switch (format) {
            case TABLE -> printTable(out, steps);
            case CSV -> out.print(csv(steps));
            case JSON -> out.println(ReportJson.write(steps));
        }
        out.flush();
        return 0;
    }

    private static SortedSet<String> names(List<TrainingStep> steps) {
        return steps.stream()
                .flatMap(step -> step.figures().keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void printTable(PrintWriter out, List<TrainingStep> steps) {
        Map<String, List<TrainingStep>> bySpecialty = steps.stream()
                .collect(Collectors.groupingBy(TrainingStep::specialty, TreeMap::new, Collectors.toList()));
        bySpecialty.forEach((specialty, own) -> {
            out.printf("%s: %d steps%n", specialty, own.size());
            for (String name : names(own)) {
                DoubleSummaryStatistics all =
                        values(own, name).mapToDouble(Double::doubleValue).summaryStatistics();
                out.printf(
                        Locale.ROOT,
                        "  %-34s mean %12.5g   min %12.5g   max %12.5g%n",
                        name,
                        all.getAverage(),
                        all.getMin(),
                        all.getMax());
            }
        });
        if (steps.isEmpty()) {
            out.println("no reinforcement steps yet");
        }
    }

    private static Stream<Double> values(List<TrainingStep> steps, String name) {
        return steps.stream().map(step -> step.figures().get(name)).filter(Objects::nonNull);
    }

    /** A line a step, under a line of names; empty where a step lacks a metric. */
    static String csv(List<TrainingStep> steps) throws IOException {
        CsvSchema.Builder columns = CsvSchema.builder().addColumn(SPECIALTY).addNumberColumn(VERSION);
        names(steps).forEach(columns::addNumberColumn);
        List<Map<String, Object>> lines = new ArrayList<>();
        for (TrainingStep step : steps) {
            Map<String, Object> line = new LinkedHashMap<>(step.figures());
            line.put(SPECIALTY, step.specialty());
            line.put(VERSION, step.version());
            lines.add(line);
        }
        return CSV.writer(columns.build().withHeader()).writeValueAsString(lines);
    }
}
