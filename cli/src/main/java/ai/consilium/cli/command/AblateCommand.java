package ai.consilium.cli.command;

import ai.consilium.cli.ablation.AblationPlan;
import ai.consilium.cli.ablation.AblationResults;
import ai.consilium.cli.ablation.AblationRow;
import ai.consilium.cli.ablation.AblationRows;
import ai.consilium.cli.ablation.AblationRun;
import ai.consilium.cli.ablation.AblationTable;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.progress.ProgressLine;
import ai.consilium.cli.report.AdherenceTable;
import ai.consilium.platform.UsageException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium ablate}: which part of the method is worth its name. */
@Command(
        name = "ablate",
        description = {
            "Runs the rows of an ablation over seeds, one after the other, and compares them with the first.",
            "Started again with the same --out, it goes on where it was stopped."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  consilium ablate --list",
            "  consilium ablate --seeds 1,2,3,4,5 --rows gba,grpo,gdpo --out ablations/advantages",
            "  consilium ablate --rows gba,gentle --row gentle=reward.advantage.lambda=0.2,rl.learning_rate=0.0004",
            "  consilium ablate --rows gba,grpo --guideline shipped:held-out/analytical --guideline shipped:held-out/bayesian"
        })
public final class AblateCommand implements Callable<Integer> {
    private static final int INTERRUPTED = 130;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions options;

    @Mixin
    private OutputOption output;

    @Option(
            names = "--seeds",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,2,3",
            description = "Seeds of every row (default: ${DEFAULT-VALUE}).")
    private List<Long> seeds = List.of();

    @Option(
            names = "--rows",
            split = ",",
            paramLabel = "ROW",
            description = "Rows in this order; the others are compared with the first (default: all).")
    private List<String> names = List.of();

    @Option(
            names = "--row",
            paramLabel = "NAME=KEY=VALUE,...",
            description = "A row of your own: its name, and what it sets. Repeatable.")
    private List<String> own = List.of();

    @Option(
            names = "--rows-file",
            paramLabel = "FILE",
            description = "More rows of your own, in the form of --list. Repeatable.")
    private List<Path> files = List.of();

    @Option(
            names = "--cases",
            paramLabel = "DIR",
            description = "Train on these cases, as for train (default: simulated ones).")
    private @Nullable String cases;

    @Mixin
    private GuidelineOption guidelines;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "ablation",
            description = "Directory of the ablation: a new one, or one to go on with (default: ${DEFAULT-VALUE}).")
    private Path out;

    @Option(names = "--list", description = "Print the built-in rows and stop.")
    private boolean list;

    @Option(names = "--report", description = "Run nothing: sum up what is finished.")
    private boolean report;

    @Override
    public Integer call() throws Exception {
        PrintWriter print = spec.commandLine().getOut();
        if (list) {
            print.print(AblationRows.builtIn());
            print.flush();
            return 0;
        }
        checkSeeds();
        for (Path file : files) {
            if (!Files.isReadable(file)) {
                throw new UsageException("--rows-file: " + file + ": no such file");
            }
        }
        List<AblationRow> rows = AblationRows.choose(files, own, names);
        AblationPlan plan = AblationPlan.of(out.toAbsolutePath().normalize(), rows, seeds, options, cases);
        plan.check();
        AblationRun.Ended ended =
                new AblationRun(plan, guidelines.rubrics(), errors(), output.isJson() ? null : progress()).run(report);
        if (ended.results().isEmpty()) {
            return INTERRUPTED;
        }
        AblationResults results = ended.results().get();
        output.print(print, results, table -> print(table, results, ended.missing()));
        return report || ended.missing().isEmpty() ? 0 : 1;
    }

    private void checkSeeds() {
        if (new HashSet<>(seeds).size() < seeds.size()) {
            throw new UsageException("--seeds: a seed is given twice");
        }
    }

    private void print(PrintWriter table, AblationResults results, List<String> missing) {
        if (!results.rows().isEmpty()) {
            table.println(AblationTable.render(results));
        }
        if (results.adherence() != null) {
            table.println(AdherenceTable.render(results.adherence()));
        }
        if (!missing.isEmpty()) {
            table.println("without results: " + String.join(", ", missing));
        }
        table.println("results  " + out.resolve("ablation.json") + ", ablation.jsonl");
        table.println("picture  " + out.resolve("ablation.svg"));
    }

    private ProgressLine progress() {
        return new ProgressLine(errors(), ProgressLine.watched());
    }

    private PrintWriter errors() {
        return spec.commandLine().getErr();
    }
}
