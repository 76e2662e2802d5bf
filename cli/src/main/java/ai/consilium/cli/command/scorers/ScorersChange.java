package ai.consilium.cli.command.scorers;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cli.command.log.LogOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.directory.ConfigBase;
import ai.consilium.cli.run.DataSet;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.cli.scorers.RunScoring;
import ai.consilium.cli.scorers.ScorerCheck;
import ai.consilium.fetch.SourceAddress;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.reward.config.RewardConfig.ScorerConfig;
import ai.consilium.reward.plan.ScorerLife;
import ai.consilium.reward.scorer.builtin.RubricType;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Changes the scorers of a run that goes on, or that is to be resumed. */
abstract class ScorersChange implements Callable<Integer> {
    /** Of the run's own cases, so many are tried. */
    private static final int CASES_TRIED = 20;

    @Spec
    private CommandSpec spec;

    @Mixin
    private LogOptions log;

    /** What is to become of the run's scorers. @throws UsageException when it cannot be meant */
    abstract ScorerLife.Change change(ScorerLife life);

    /** Whether the scorer has to answer first. */
    boolean asks() {
        return false;
    }

    ConsiliumConfig configuration() {
        return log.configuration();
    }

    @Override
    public Integer call() throws IOException {
        String told = log.look(this::changed);
        PrintWriter out = spec.commandLine().getOut();
        out.println(told);
        out.flush();
        return 0;
    }

    private String changed(KafkaClients kafka) {
        RunScoring scoring = RunScoring.read(kafka);
        ScorerLife.Change change = change(scoring.life());
        if (asks()) {
            requireAnswer(change);
        }
        int revision = scoring.revise(kafka, change);
        return "%s: revision %d of the run, from its next prompt on".formatted(change.told(), revision);
    }

    private void requireAnswer(ScorerLife.Change change) {
        ConsiliumConfig config = configuration();
        PreflightChecks checks = new PreflightChecks(config);
        Path base = log.directory().flatMap(ConfigBase::of).orElseGet(log.given()::base);
        ScorerCheck check = new ScorerCheck(checks.prompts(checks.modelDirectory(), base), config);
        try {
            check.requireAnswer(change.to(), change.scorer(), cases(config));
        } catch (InterruptedException stopping) {
            throw new InterruptException(stopping);
        }
    }

    /** One of the clinic, and some of the run's own where they are on this host. */
    private List<Case> cases(ConsiliumConfig config) {
        List<Case> cases = new ArrayList<>(List.of(ScorersCommand.simulated(config)));
        if (SourceAddress.meantBy(config.dataRoot())) {
            // All of a set is not fetched for a few cases to try.
            return cases;
        }
        Path own = log.directory()
                .map(run -> DataSet.root(config, run))
                .orElse(Path.of(config.dataRoot()))
                .resolve(CaseLibrary.TRAINING_FILE);
        try {
            if (Files.isRegularFile(own)) {
                CaseFile.read(own).cases().stream().limit(CASES_TRIED).forEach(cases::add);
            }
        } catch (CaseException unreadable) {
            throw new UsageException("data_root: " + unreadable.getMessage(), unreadable);
        }
        return cases;
    }

    /** Of one scorer of the run. */
    abstract static class Named extends ScorersChange {
        @Parameters(paramLabel = "NAME", description = "A scorer of the run: consilium scorers list --run-dir DIR.")
        private String name = "";

        private final Function<ScorerLife, Function<String, ScorerLife.Change>> how;

        Named(Function<ScorerLife, Function<String, ScorerLife.Change>> how) {
            this.how = how;
        }

        @Override
        ScorerLife.Change change(ScorerLife life) {
            return how.apply(life).apply(name);
        }
    }

    /** Into the advantages. */
    @Command(
            name = "promote",
            description = {
                "Makes a scorer of a run active: from the next prompt on it is waited for, and part of every advantage.",
                "NAME@HASH, which a rubric file was offered as, takes the place of NAME. A retired scorer comes back."
            },
            mixinStandardHelpOptions = true)
    static final class Promote extends Named {
        Promote() {
            super(life -> life::promote);
        }

        @Override
        boolean asks() {
            return true;
        }
    }

    /** Out of the advantages. */
    @Command(
            name = "demote",
            description = "Makes an active scorer of a run a shadow: it scores on, and counts no more.",
            mixinStandardHelpOptions = true)
    static final class Demote extends Named {
        Demote() {
            super(life -> life::demote);
        }
    }

    /** Away. */
    @Command(
            name = "retire",
            description = "Asks a scorer of a run no more. What it was stays on the log: promote brings it back.",
            mixinStandardHelpOptions = true)
    static final class Retire extends Named {
        Retire() {
            super(life -> life::retire);
        }
    }

    /** A new one. */
    @Command(
            name = "add",
            description = "Adds a rubric to a run as a shadow: it scores from the next prompt on, and counts nowhere.",
            mixinStandardHelpOptions = true)
    static final class Add extends ScorersChange {
        @Option(
                names = "--rubric",
                paramLabel = "FILE",
                required = true,
                description = "Rubric (docs/REWARDS.md), or shipped:NAME.")
        private String rubric = "";

        @Option(names = "--name", paramLabel = "NAME", description = "Its name (default: that of the file).")
        private @Nullable String name;

        @Option(
                names = "--perspective",
                paramLabel = "PERSPECTIVE",
                description = "Whose trajectories it scores (default: the rubric's own, or all).")
        private @Nullable String perspective;

        @Option(
                names = "--as",
                paramLabel = "STATE",
                defaultValue = "shadow",
                description = "How it begins: shadow (default: ${DEFAULT-VALUE}).")
        private String as = "shadow";

        @Override
        boolean asks() {
            return true;
        }

        @Override
        ScorerLife.Change change(ScorerLife life) {
            if (!as.equals("shadow")) {
                throw new UsageException("--as: a scorer begins as a shadow, not as '" + as
                        + "'; promote it when you have seen its scores");
            }
            try {
                ScorerConfig scorer = new ScorerConfig(
                        name == null ? ScorerLife.named(rubric) : name,
                        "rubric",
                        false,
                        true,
                        new RubricType.RubricKeys(rubric, perspective));
                return life.add(new PreflightChecks(configuration()).scorer(scorer, Path.of("")));
            } catch (IllegalArgumentException unusable) {
                throw new UsageException("--name: " + unusable.getMessage(), unusable);
            }
        }
    }
}
