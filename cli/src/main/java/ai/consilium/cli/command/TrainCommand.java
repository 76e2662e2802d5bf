package ai.consilium.cli.command;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.LocalFiles;
import ai.consilium.cli.directory.ConfigBase;
import ai.consilium.cli.directory.RunFiles;
import ai.consilium.cli.train.Fork;
import ai.consilium.cli.train.TrainRun;
import ai.consilium.platform.UsageException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium train}: the whole run in one process. */
@Command(
        name = "train",
        description = {
            "Trains one expert per specialty and merges them, in one process.",
            "Without options: simulated cases, the tiny model, an embedded broker and registry."
        },
        mixinStandardHelpOptions = true)
public final class TrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions options;

    @Mixin
    private RunOptions runOptions = new RunOptions();

    @Option(
            names = "--cases",
            paramLabel = "DIR",
            description =
                    "Train on these cases: train.jsonl, val.jsonl, test.jsonl and images (see docs/CASES.md); a directory or"
                            + " an address.")
    private @Nullable String cases;

    @Option(
            names = "--control",
            description = "Add an SFT-only control (row sft_longer), trained for the same extra time as RL.")
    private boolean control;

    @Option(
            names = "--fast",
            description = "Show every stage in about a minute: few steps, few cases; the agent learns little.")
    private boolean fast;

    @Option(
            names = "--fork",
            paramLabel = "RUN_DIR[@VERSION]",
            description = {
                "Begin a new run with the agent of another (the latest that its gate let through, or unified's VERSION) and"
                        + " with that run's settings; --config and --set change them. The other run is only read, and may be"
                        + " under way."
            })
    private @Nullable String forked;

    @Override
    public Integer call() throws Exception {
        Path directory = runOptions.path();
        Optional<Fork> fork = Optional.ofNullable(forked).map(text -> Fork.parse(text, options.withoutFlags()));
        ConfigOptions.Loaded loaded = fork.isPresent() ? ofFork(fork.get(), directory) : load(directory);
        PrintWriter out = spec.commandLine().getOut();
        if (runOptions.dryRun()) {
            out.print(loaded.yaml());
            out.flush();
            return 0;
        }
        Path base = base(fork.map(from -> from.parent().directory()).orElse(directory));
        return new TrainRun(loaded, base, directory, runOptions.opening(), control, fork, out, errors()).run();
    }

    private ConfigOptions.Loaded ofFork(Fork fork, Path directory) {
        if (runOptions.resume()) {
            throw new UsageException("--fork: a run is forked once, when it begins; --resume goes on with it");
        }
        if (fast) {
            throw new UsageException("--fast: a forked run has the settings of the run that it is forked from");
        }
        if (fork.parent().directory().equals(directory)) {
            throw new UsageException("--fork: a run cannot begin in the directory of the run that it is forked from");
        }
        List<String> last = cases == null ? List.of() : List.of("data_root=" + LocalFiles.setting(cases));
        return fork.settings(options, last, directory);
    }

    /** A run that goes on keeps the configuration that it began with; --set may still change what does not matter to it. */
    private ConfigOptions.Loaded load(Path directory) {
        if (runOptions.resume()) {
            Path kept = directory.resolve(RunFiles.CONFIG);
            if (!Files.isRegularFile(kept)) {
                throw new UsageException("--resume: " + directory + " contains no run: " + RunFiles.CONFIG
                        + " is missing; if it was killed before it began, start it again with --clean");
            }
            if (Files.exists(directory.resolve(RunFiles.RECORDED))) {
                throw new UsageException("--resume: " + directory + " was trained on what another run sampled ("
                        + RunFiles.RECORDED + "): it samples nothing, and is not resumed");
            }
            if (cases != null) {
                throw new UsageException("--cases: a resumed run keeps the cases that it began with");
            }
            if (fast) {
                throw new UsageException("--fast: a resumed run keeps the settings that it began with");
            }
            return options.ofRun(kept, ConfigBase.of(directory).orElseGet(options::base), List.of());
        }
        if (cases == null) {
            return options.load(List.of(), false, fast);
        }
        return options.load(List.of("data_root=" + LocalFiles.setting(cases)), true, fast);
    }

    /**
     * A run that goes on may be resumed from anywhere, and so may one be forked: its files stay where they were.
     *
     * @param directory of the run whose settings apply
     */
    private Path base(Path directory) {
        boolean own = !runOptions.resume() && forked == null;
        return own || options.hasFiles()
                ? options.base()
                : ConfigBase.of(directory).orElseGet(options::base);
    }

    private PrintWriter errors() {
        return spec.commandLine().getErr();
    }
}
