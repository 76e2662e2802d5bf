package ai.consilium.cli.command.log;

import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.PortablePictures;
import ai.consilium.cli.rescore.RescoreRun;
import ai.consilium.cli.rescore.Rescoring;
import ai.consilium.cli.retrain.RecordedTraining;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.cli.status.RunStatus;
import ai.consilium.platform.UsageException;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.reward.scorer.ScorerType;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium rescore}: what other rewards would have made of a run, without running it again. */
@Command(
        name = "rescore",
        description = {
            "Scores the recorded trajectories of a run again and computes their advantages, by the code of the run.",
            "By the run's own configuration: every recorded advantage must come out bit for bit, else it ends with 1.",
            "By another (--set reward.KEY=VALUE, --config FILE): how the advantages would change. The run stays as it is.",
            "With --train: a new run, whose experts are trained on the recorded trajectories as they are scored now."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  consilium rescore --run-dir runs/a                                   # as recorded?",
            "  consilium rescore --run-dir runs/a --set reward.advantage.lambda=0.2 --out rescored/gentle",
            "  consilium rescore --run-dir runs/a --config my-rubrics.yaml --out rescored/mine",
            "  consilium rescore --run-dir runs/a --unscored-only --remote          # judgements that failed",
            "  consilium rescore --run-dir runs/a --config my-rubrics.yaml --train runs/mine"
        })
public final class RescoreCommand implements Callable<Integer> {
    /** Where the run and its files are: other places score nothing otherwise. */
    private static final Pattern PLACES =
            Pattern.compile("model|data_root|run_id|specialties|(kafka|schema_registry)\\..*");

    private static final Pattern SCORING = Pattern.compile("answer|reward\\..*");

    @Spec
    private CommandSpec spec;

    @Mixin
    private LogOptions log;

    @Mixin
    private OutputOption output;

    @Option(
            names = "--remote",
            description = "Ask http scorers too; without it, what they said during the run is taken over.")
    private boolean remote;

    @Option(names = "--unscored-only", description = "Of what the log has, score again only what has no score.")
    private boolean unscoredOnly;

    @Option(
            names = "--top",
            paramLabel = "N",
            defaultValue = "10",
            description = "How many of the most changed groups are shown (default: ${DEFAULT-VALUE}).")
    private int top;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "New directory for summary.json, changes.jsonl and report.html.")
    private @Nullable Path out;

    @Option(
            names = "--train",
            paramLabel = "DIR",
            description =
                    "New run directory: experts are trained on what is recorded, as it is scored now; nothing is sampled.")
    private @Nullable Path train;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (out != null && Files.exists(out)) {
            throw new UsageException("--out: " + out + " already exists");
        }
        if (top < 0) {
            throw new UsageException("--top: must be 0 or more, not " + top);
        }
        ConsiliumConfig config = log.configuration();
        if (config.embedded() && log.directory().isEmpty()) {
            throw new UsageException("--run-dir is not given");
        }
        if (config.simulated() && log.directory().isEmpty()) {
            throw new UsageException("data_root is not set: name the directory of the run's cases, or give --run-dir");
        }
        RescoreRun.Setting setting = new RescoreRun.Setting(
                other(config),
                remote,
                ScorerType.Resources.of(
                        config.reward().http(),
                        null,
                        new PortablePictures(config.images().settings())),
                unscoredOnly,
                remote ? config.reward().concurrency() : config.compute().resolved(),
                () -> log.data(config),
                top);
        if (train == null) {
            return told(log.look(kafka -> RescoreRun.of(kafka, setting)), name(config));
        }
        if (underWay()) {
            throw new UsageException("--train: run " + name(config) + " is under way; wait for its end");
        }
        try (RecordedTraining training = RecordedTraining.begin(
                log.ofThisMachine(), base(), train.toAbsolutePath().normalize())) {
            int code = told(log.look(kafka -> training.take(kafka, setting)), name(config));
            return code == 0
                    ? training.train(
                            spec.commandLine().getOut(), spec.commandLine().getErr())
                    : code;
        }
    }

    /** For people. */
    private String name(ConsiliumConfig config) {
        return log.directory().map(Path::getFileName).map(Path::toString).orElse(config.runId());
    }

    private boolean underWay() throws IOException {
        return log.directory().isPresent()
                ? log.underWay()
                : !log.look(kafka -> RunStatus.read(kafka, System.currentTimeMillis()))
                        .finished();
    }

    private int told(Rescoring rescored, String run) throws IOException {
        if (out != null) {
            rescored.write(out, run);
        }
        PrintWriter terminal = spec.commandLine().getOut();
        output.print(terminal, rescored.json(), to -> to.print(rescored.table()));
        return rescored.failed() ? 1 : 0;
    }

    /** The scoring configuration that the user asks for; empty for each group's own. */
    private Optional<ScoringDefinition> other(ConsiliumConfig config) {
        ConfigOptions given = log.given();
        List<String> keys = given.settings().stream()
                .map(setting -> setting.replaceAll("=.*", ""))
                .filter(key -> !PLACES.matcher(key).matches())
                .toList();
        for (String key : keys) {
            if (!SCORING.matcher(key).matches()) {
                throw new UsageException(
                        "--set: " + key + " does not decide how trajectories are scored; reward.* and answer do");
            }
        }
        if (keys.isEmpty() && !given.filesName("reward") && !given.filesName("answer")) {
            return Optional.empty();
        }
        return Optional.of(new PreflightChecks(config).scoring(base()));
    }

    /** Directory that rubric files are relative to. */
    private Path base() {
        return log.given().hasFiles() ? log.given().base() : log.base();
    }
}
