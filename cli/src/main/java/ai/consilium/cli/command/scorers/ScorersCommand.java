package ai.consilium.cli.command.scorers;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.format.Case;
import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.command.log.LogOptions;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.report.ResultsTable;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.cli.scorers.RunScoring;
import ai.consilium.cli.scorers.ScorerCheck;
import ai.consilium.cli.scorers.ScorerCheck.Answer;
import ai.consilium.reward.plan.ScorerDefinition;
import ai.consilium.reward.plan.ScorerLife;
import ai.consilium.reward.plan.ScorerState;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScorerTypes;
import ai.consilium.schemas.Component;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code consilium scorers}: what there is, whether it answers, and what it would say. */
@Command(
        name = "scorers",
        description = "Lists scorers, checks that they answer, tries them on a completion, and changes those of a run.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ScorersCommand.Show.class,
            ScorersCommand.Check.class,
            ScorersTryCommand.class,
            ScorersChange.Promote.class,
            ScorersChange.Demote.class,
            ScorersChange.Retire.class,
            ScorersChange.Add.class
        })
public final class ScorersCommand {
    private static final int VERSION_SHOWN = 12;

    /**
     * A scorer.
     *
     * @param perspective whose trajectories it scores; null: all
     * @param state active (enters advantages), shadow (reported only) or, of a run, retired
     */
    record Listed(
            String name,
            String type,
            Component component,
            @Nullable String perspective,
            String state,
            String version) {
        static Listed of(ScorerDefinition scorer, ScorerState state) {
            String type = ScorerTypes.all().stream()
                    .filter(one -> one.definition().isInstance(scorer.how()))
                    .map(ScorerType::name)
                    .findFirst()
                    .orElse("");
            return new Listed(
                    scorer.name(),
                    type,
                    scorer.how().component(),
                    scorer.perspective(),
                    state.label(),
                    scorer.version());
        }
    }

    /** What there is. */
    @Command(
            name = "list",
            description = {
                "The configured scorers, with the hash of what each computes. Settings: reward.*, answer, model.",
                "With --run-dir: those of that run, as they are by now, and those that were retired."
            },
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private LogOptions log;

        @Mixin
        private OutputOption output;

        @Override
        public Integer call() throws IOException {
            List<Listed> found = new ArrayList<>();
            if (log.directory().isPresent()) {
                ScorerLife life = log.look(RunScoring::read).life();
                life.inForce().scorers().forEach(one -> found.add(Listed.of(one, one.state())));
                life.retired().forEach(one -> found.add(Listed.of(one, ScorerState.RETIRED)));
            } else {
                ConfigOptions options = log.given();
                new PreflightChecks(options.load().config())
                        .scoring(options.base())
                        .scorers()
                        .forEach(one -> found.add(Listed.of(one, one.state())));
            }
            output.print(spec.commandLine().getOut(), found, out -> {
                List<List<String>> lines = new ArrayList<>();
                lines.add(List.of("scorer", "type", "feeds", "perspective", "state", "version"));
                found.forEach(one -> lines.add(List.of(
                        one.name(),
                        one.type(),
                        one.component().name().toLowerCase(Locale.ROOT),
                        one.perspective() == null ? "all" : one.perspective(),
                        one.state(),
                        one.version().substring(0, VERSION_SHOWN))));
                out.print(ResultsTable.table(lines));
            });
            return 0;
        }
    }

    /** Whether they answer. */
    @Command(
            name = "check",
            description = {
                "Asks every scorer about a simulated case and the completion that its traces would give; exit 0: all gave a"
                        + " score, 1: some did not.",
                "Settings: reward.*, answer, model, prompts"
            },
            mixinStandardHelpOptions = true)
    static final class Check implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConfigOptions options;

        @Mixin
        private OutputOption output;

        @Override
        public Integer call() throws IOException, InterruptedException {
            ConsiliumConfig config = options.load().config();
            PreflightChecks checks = new PreflightChecks(config);
            ScoringDefinition plan = checks.scoring(options.base());
            ScorerCheck check = new ScorerCheck(checks.prompts(checks.modelDirectory(), options.base()), config);
            List<Answer> found = check.of(plan, one -> true, simulated(config));
            List<String> external = plan.scorers().stream()
                    .filter(scorer -> scorer.how().external())
                    .map(ScorerDefinition::name)
                    .toList();
            output.print(spec.commandLine().getOut(), found, out -> {
                List<List<String>> lines = new ArrayList<>();
                lines.add(List.of("scorer", "score", "ms", "reason"));
                found.forEach(one -> lines.add(List.of(
                        one.name(),
                        one.score() == null ? "-" : String.format(Locale.ROOT, "%.3f", one.score()),
                        String.format(Locale.ROOT, "%.1f", one.latencyMs()),
                        one.unscored() == null ? "" : one.unscored())));
                external.forEach(name -> lines.add(List.of(name, "-", "-", "not asked: it scores by itself")));
                out.print(ResultsTable.table(lines));
            });
            return found.stream().allMatch(one -> one.score() != null) ? 0 : 1;
        }
    }

    /** A case of the simulated clinic, with evidence. */
    static Case simulated(ConsiliumConfig config) {
        return Clinic.cases(config.clinic(), "train", Clinic.SPECIALTIES.get(0), 1)
                .get(0)
                .of();
    }
}
