package ai.consilium.cli.command;

import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.LocalFiles;
import ai.consilium.cli.eval.EvaluationCases;
import ai.consilium.cli.eval.EvaluationRun;
import ai.consilium.cli.eval.NamedAdapter;
import ai.consilium.cli.memory.RoleMemory.Work;
import ai.consilium.cli.progress.ProgressLine;
import ai.consilium.cli.report.EvaluationResults;
import ai.consilium.cli.report.EvaluationTable;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.evaluation.Evaluator;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.model.ModelDirectory;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium eval}: how good a model is, alone and with adapters. */
@Command(
        name = "eval",
        description = {
            "Puts cases before a model and its adapters: accuracy by specialty with 95 %% intervals, differences, predictions.",
            "Started again with the same --out, it goes on where it was stopped."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  consilium eval --cases data/test.jsonl --out evals/base",
            "  consilium eval --cases data/test.jsonl --out evals/mine --model DIR \\",
            "    --adapter base --adapter mine=PEFT_DIR --samples 8 --temperature 1",
            "  consilium eval --cases runs/a/data/test.jsonl --out evals/a --run-dir runs/a \\",
            "    --adapter base --adapter unified",
            "  consilium eval --cases runs/a/data/test.jsonl --out evals/analytical --run-dir runs/a \\",
            "    --adapter unified --perspective analytical --guideline shipped:held-out/analytical"
        })
public final class EvalCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private PolicyOptions policy;

    @Mixin
    private OutputOption output;

    @Option(
            names = "--adapter",
            paramLabel = "NAME[=DIR]",
            description = {
                "NAME=DIR: a PEFT directory. With --run-dir: unified, shared, rl/SPECIALTY or dsa/SPECIALTY. base: the"
                        + " model without one, which is evaluated where no adapter is given. Repeatable; the others are"
                        + " compared with the first."
            })
    private List<String> adapters = List.of();

    @Option(
            names = "--routed",
            description = {
                "Adapters named ROW/SPECIALTY answer the cases of their specialty only, together as one row ROW."
            })
    private boolean routed;

    @Option(
            names = "--perspective",
            paramLabel = "NAME",
            description = "Asks under a perspective's instruction, for example analytical. Repeatable (default: none).")
    private List<String> perspectives = List.of(Perspective.NONE);

    @Mixin
    private GuidelineOption guidelines;

    @Option(
            names = "--cases",
            required = true,
            paramLabel = "FILE",
            description = "Case file, JSONL: a path, or an address. Repeatable.")
    private List<String> cases = List.of();

    @Option(
            names = "--data-root",
            paramLabel = "DIR",
            description =
                    "Directory, or its address, that case files are given relative to (default: the current one).")
    private @Nullable String dataRoot;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "Directory for results.json and predictions.jsonl: a new one, or one to go on with.")
    private Path out;

    @Mixin
    private SamplingOptions sampling;

    @Override
    public Integer call() throws Exception {
        Evaluator.Sampling how = sampling.checked();
        checkPerspectives();
        ConsiliumConfig config = policy.config();
        PreflightChecks checks = new PreflightChecks(config);
        checks.device();
        ModelDirectory directory = checks.modelDirectory();
        checks.memory("eval", Set.of(Work.EVALUATION));
        EvaluationCases asked = EvaluationCases.read(
                cases.stream()
                        .map(file -> LocalFiles.caseFile("--cases", file, config))
                        .toList(),
                dataRoot == null ? null : LocalFiles.cases("--data-root", dataRoot, config));
        EvaluationRun evaluation = new EvaluationRun(
                config,
                policy.base(),
                asked,
                NamedAdapter.read(adapters, policy.run(), directory),
                new EvaluationRun.Sampling(how, sampling.maxTokens(config), routed, perspectives),
                guidelines.rubrics());
        EvaluationResults results =
                evaluation.run(out.toAbsolutePath().normalize(), directory, output.isJson() ? null : progress());
        output.print(spec.commandLine().getOut(), results, table -> print(table, results, asked, how));
        return 0;
    }

    private void checkPerspectives() {
        if (Set.copyOf(perspectives).size() < perspectives.size()) {
            throw new UsageException("--perspective: one is given twice: " + String.join(", ", perspectives));
        }
    }

    private ProgressLine progress() {
        return new ProgressLine(spec.commandLine().getErr(), ProgressLine.watched());
    }

    private void print(
            PrintWriter table, EvaluationResults results, EvaluationCases asked, Evaluator.Sampling sampled) {
        String how = sampled.temperature() == 0
                ? "greedy decoding"
                : String.format(
                        Locale.ROOT,
                        "mean of %d samples a case at temperature %s",
                        sampled.samples(),
                        sampled.temperature());
        table.println(EvaluationTable.render(
                results,
                "Accuracy in % on " + asked.count() + (asked.simulated() ? " simulated" : "") + " cases of "
                        + String.join(", ", asked.files().keySet()) + ", " + how + " [95 % interval]"));
        table.println("results      " + out.resolve("results.json"));
        table.println("predictions  " + out.resolve("predictions.jsonl"));
    }
}
