package ai.consilium.cli.command;

import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.directory.ConfigBase;
import ai.consilium.cli.directory.RunFiles;
import ai.consilium.cli.eval.EvaluationCases;
import ai.consilium.cli.eval.EvaluationRun;
import ai.consilium.cli.eval.NamedAdapter;
import ai.consilium.cli.progress.ProgressLine;
import ai.consilium.cli.report.EvaluationResults;
import ai.consilium.cli.report.EvaluationTable;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.evaluation.Evaluator;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.reward.rubric.RubricFile;
import java.io.PrintWriter;
import java.nio.file.Files;
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
    private static final int MOST_SAMPLES = 1024;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions options;

    @Mixin
    private OutputOption output;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Model directory (default: the run's, else the configured one: models/tiny).")
    private @Nullable String model;

    @Option(
            names = "--adapter",
            paramLabel = "NAME[=DIR]",
            description = {
                "NAME=DIR: a PEFT directory. With --run-dir: unified, shared, rl/SPECIALTY or dsa/SPECIALTY. base: the"
                        + " model without one, which is evaluated where no adapter is given. Repeatable; the others are"
                        + " compared with the first."
            })
    private List<String> adapters = List.of();

    @Option(names = "--run-dir", paramLabel = "DIR", description = "Finished run that adapters and model are of.")
    private @Nullable Path run;

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

    @Option(
            names = "--guideline",
            paramLabel = "FILE",
            description = {
                "Scores right answers by a rubric, YAML or shipped:NAME: those under the rubric's perspective, or all."
                        + " Repeatable; may be added when the predictions are there."
            })
    private List<String> guidelines = List.of();

    @Option(names = "--cases", required = true, paramLabel = "FILE", description = "Case file, JSONL. Repeatable.")
    private List<Path> cases = List.of();

    @Option(
            names = "--data-root",
            paramLabel = "DIR",
            description = "Directory that case files are given relative to (default: the current one).")
    private @Nullable Path dataRoot;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "Directory for results.json and predictions.jsonl: a new one, or one to go on with.")
    private Path out;

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "1",
            description = "Samples of each case; with several, pass@k too (default: ${DEFAULT-VALUE}).")
    private int samples;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0",
            description = "Of sampling; 0 decodes greedily (default: ${DEFAULT-VALUE}).")
    private double temperature;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "Of sampling (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            description = "Longest completion (default: sampling.max_completion_tokens, 48).")
    private @Nullable Integer maxTokens;

    @Override
    public Integer call() throws Exception {
        checkSampling();
        ConsiliumConfig config = config();
        PreflightChecks checks = new PreflightChecks(config);
        checks.device();
        ModelDirectory directory = checks.modelDirectory();
        EvaluationCases asked = EvaluationCases.read(cases, dataRoot);
        EvaluationRun evaluation = new EvaluationRun(
                config,
                base(),
                asked,
                NamedAdapter.read(adapters, run, directory),
                new EvaluationRun.Sampling(
                        new Evaluator.Sampling(samples, temperature, seed), limit(config), routed, perspectives),
                guidelines.stream()
                        .map(file -> RubricFile.read("--guideline", file, Path.of("")))
                        .toList());
        EvaluationResults results =
                evaluation.run(out.toAbsolutePath().normalize(), directory, output.isJson() ? null : progress());
        output.print(spec.commandLine().getOut(), results, table -> print(table, results, asked));
        return 0;
    }

    private void checkSampling() {
        if (Set.copyOf(perspectives).size() < perspectives.size()) {
            throw new UsageException("--perspective: one is given twice: " + String.join(", ", perspectives));
        }
        if (samples < 1 || samples > MOST_SAMPLES) {
            throw new UsageException("--samples: must be between 1 and " + MOST_SAMPLES + ", not " + samples);
        }
        if (!(temperature >= 0 && temperature <= 10)) {
            throw new UsageException("--temperature: must be between 0 (greedy) and 10, not " + temperature);
        }
        if (samples > 1 && temperature == 0) {
            throw new UsageException("--samples: greedy samples are all the same: give a --temperature above 0");
        }
        if (maxTokens != null && maxTokens < 1) {
            throw new UsageException("--max-tokens: must be at least 1, not " + maxTokens);
        }
    }

    /** That of the run, if there is one, or the configured one. */
    private ConsiliumConfig config() {
        List<String> settings = model == null ? List.of() : List.of("model=" + model);
        if (run == null) {
            return options.load(settings, false).config();
        }
        Path kept = run.resolve(RunFiles.CONFIG);
        if (!Files.isRegularFile(kept)) {
            throw new UsageException("--run-dir: " + run + " contains no run: " + RunFiles.CONFIG + " is missing");
        }
        return options.ofRun(kept, settings).config();
    }

    private Path base() {
        return run == null ? options.base() : ConfigBase.of(run).orElseGet(options::base);
    }

    private int limit(ConsiliumConfig config) {
        return maxTokens == null ? config.scheduler().sampling().maxCompletionTokens() : maxTokens;
    }

    private ProgressLine progress() {
        return new ProgressLine(spec.commandLine().getErr(), ProgressLine.watched());
    }

    private void print(PrintWriter table, EvaluationResults results, EvaluationCases asked) {
        String how = temperature == 0
                ? "greedy decoding"
                : String.format(Locale.ROOT, "mean of %d samples a case at temperature %s", samples, temperature);
        table.println(EvaluationTable.render(
                results,
                "Accuracy in % on " + asked.count() + (asked.simulated() ? " simulated" : "") + " cases of "
                        + String.join(", ", asked.files().keySet()) + ", " + how + " [95 % interval]"));
        table.println("results      " + out.resolve("results.json"));
        table.println("predictions  " + out.resolve("predictions.jsonl"));
    }
}
