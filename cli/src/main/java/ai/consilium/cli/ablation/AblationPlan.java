package ai.consilium.cli.ablation;

import ai.consilium.cli.ablation.AblationUnit.State;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.LocalFiles;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an ablation runs.
 *
 * @param rows in the order of the table; the others are compared with the first
 * @param seeds of every row
 * @param units in the order in which they run: seed by seed, merges after what they merge
 * @param options what the user set for all rows
 * @param cases directory or address; null simulates
 */
public record AblationPlan(
        Path out,
        List<AblationRow> rows,
        List<Long> seeds,
        List<AblationUnit> units,
        ConfigOptions options,
        @Nullable String cases) {
    private static final String NO_CONSOLIDATION = "merger.consolidate.steps=0";

    /**
     * Loads the configuration of every row.
     *
     * @throws UsageException naming the row whose configuration cannot be
     */
    public static AblationPlan of(
            Path out, List<AblationRow> rows, List<Long> seeds, ConfigOptions options, @Nullable String cases) {
        List<AblationUnit> units = new ArrayList<>();
        for (long seed : seeds) {
            List<AblationUnit> merges = new ArrayList<>();
            for (AblationRow row : rows) {
                AblationUnit unit = AblationUnit.of(row, seed, load(row, seed, options, cases), out);
                (row.kind().trains() ? units : merges).add(unit);
            }
            units.addAll(merges);
        }
        return new AblationPlan(out, rows, seeds, units, options, cases);
    }

    private static ConfigOptions.Loaded load(
            AblationRow row, long seed, ConfigOptions options, @Nullable String cases) {
        List<String> settings = new ArrayList<>(settings(row, seed));
        if (cases != null) {
            settings.add("data_root=" + LocalFiles.setting(cases));
        }
        try {
            ConfigOptions.Loaded loaded = options.load(settings, cases != null);
            new PreflightChecks(loaded.config()).rubrics(options.base());
            return loaded;
        } catch (UsageException e) {
            throw new UsageException(
                    String.join(
                            "\n",
                            String.valueOf(e.getMessage())
                                    .lines()
                                    .map(problem -> "row " + row.name() + ": " + problem)
                                    .toList()),
                    e);
        }
    }

    /** What the row sets, over what it has in common with the others. */
    private static List<String> settings(AblationRow row, long seed) {
        List<String> settings = new ArrayList<>(List.of("seed=" + seed));
        if (row.kind() != AblationRow.Kind.CONSOLIDATED) {
            settings.add(NO_CONSOLIDATION);
        }
        settings.addAll(row.set());
        return settings;
    }

    /** What all rows need is there. @throws UsageException naming what is not */
    public void check() {
        ConsiliumConfig config = units.get(0).settings().config();
        if (!config.embedded()) {
            throw new UsageException("kafka.bootstrap.servers: every run of an ablation has a broker of its own");
        }
        if (!config.runId().isEmpty()) {
            throw new UsageException("run_id: an ablation names its runs by row and seed");
        }
        PreflightChecks checks = new PreflightChecks(config);
        checks.model();
        if (config.simulated()) {
            checks.clinic();
        } else {
            checks.cases();
        }
    }

    /** The run whose experts the merges with a seed take. */
    AblationUnit experts(long seed) {
        return units.stream()
                .filter(unit -> unit.seed() == seed && unit.row().name().equals(AblationRow.MERGED))
                .findFirst()
                .orElseThrow();
    }

    /** The run that a unit is, or whose experts it merges. */
    AblationUnit run(AblationUnit unit) {
        return unit.row().kind().trains() ? unit : experts(unit.seed());
    }

    /** Those that are done. */
    List<AblationUnit> done() throws IOException {
        List<AblationUnit> done = new ArrayList<>();
        for (AblationUnit unit : units) {
            if (unit.state() == State.DONE) {
                done.add(unit);
            }
        }
        return done;
    }

    /** The command line of a unit's run. @param resume whether it was begun; it keeps its cases */
    List<String> arguments(AblationUnit unit, boolean resume) {
        List<String> arguments = new ArrayList<>(
                List.of("train", "--run-dir", unit.directory().toString(), resume ? "--resume" : "--clean"));
        arguments.addAll(options.arguments());
        if (cases != null && !resume) {
            arguments.addAll(List.of("--cases", cases));
        }
        settings(unit.row(), unit.seed()).forEach(setting -> arguments.addAll(List.of("--set", setting)));
        return arguments;
    }
}
