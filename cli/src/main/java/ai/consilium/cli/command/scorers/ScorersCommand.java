package ai.consilium.cli.command.scorers;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.PortablePictures;
import ai.consilium.cli.report.ResultsTable;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.reward.config.RewardConfig.ScorerConfig;
import ai.consilium.reward.decision.ScorerTrial;
import ai.consilium.reward.plan.ScorerDefinition;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.schemas.Component;
import ai.consilium.schemas.Score;
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

/** {@code consilium scorers list|check|try}. */
@Command(
        name = "scorers",
        description = "Lists the configured scorers, checks that they answer, or tries them on a completion.",
        mixinStandardHelpOptions = true,
        subcommands = {ScorersCommand.Show.class, ScorersCommand.Check.class, ScorersTryCommand.class})
public final class ScorersCommand {
    private static final int VERSION_SHOWN = 12;

    /**
     * A scorer of the configuration.
     *
     * @param role required (enters advantages), shadow or optional (both reported only)
     * @param perspective whose trajectories it scores; null: all
     */
    record Configured(
            String name,
            String type,
            Component component,
            @Nullable String perspective,
            String role,
            String version) {}

    /** What it said of a simulated case. */
    record Answered(
            String name, @Nullable Double score, @Nullable String unscored, double latencyMs) {}

    /** What there is. */
    @Command(
            name = "list",
            description =
                    "The configured scorers, with the hash of what each computes. Settings: reward.*, answer, model",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConfigOptions options;

        @Mixin
        private OutputOption output;

        @Override
        public Integer call() throws IOException {
            ConsiliumConfig config = options.load().config();
            ScoringDefinition plan = new PreflightChecks(config).scoring(options.base());
            List<Configured> found = new ArrayList<>();
            for (int i = 0; i < plan.scorers().size(); i++) {
                ScorerConfig written = config.reward().scorers().get(i);
                ScorerDefinition scorer = plan.scorers().get(i);
                found.add(new Configured(
                        scorer.name(),
                        written.type(),
                        scorer.how().component(),
                        scorer.perspective(),
                        scorer.required() ? "required" : scorer.shadow() ? "shadow" : "optional",
                        scorer.version()));
            }
            output.print(spec.commandLine().getOut(), found, out -> {
                List<List<String>> lines = new ArrayList<>();
                lines.add(List.of("scorer", "type", "feeds", "perspective", "role", "version"));
                found.forEach(one -> lines.add(List.of(
                        one.name(),
                        one.type(),
                        one.component().name().toLowerCase(Locale.ROOT),
                        one.perspective() == null ? "all" : one.perspective(),
                        one.role(),
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
            PromptLayout layout = checks.prompts(checks.modelDirectory(), options.base());
            Case about = simulated(config);
            List<Answered> found = new ArrayList<>();
            List<String> external = new ArrayList<>();
            try (ScorerTrial trial = trial(plan, config)) {
                for (ScorerDefinition scorer : plan.scorers()) {
                    if (scorer.how().external()) {
                        external.add(scorer.name());
                        continue;
                    }
                    String perspective = scorer.perspective() == null ? "none" : scorer.perspective();
                    String completion = layout.completion(about, perspective).text();
                    trial.score(new ScoringRequest("check", about, completion, perspective, false)).stream()
                            .filter(score -> score.getScorer().equals(scorer.name()))
                            .forEach(score -> found.add(answered(score)));
                }
            }
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

        private static Answered answered(Score score) {
            return new Answered(score.getScorer(), score.getValue(), score.getUnscoredReason(), score.getLatencyMs());
        }
    }

    /** Scores as a reward service of this configuration would. */
    static ScorerTrial trial(ScoringDefinition plan, ConsiliumConfig config) {
        return new ScorerTrial(
                plan, config.reward(), new PortablePictures(config.images().settings()));
    }

    /** A case of the simulated clinic, with evidence. */
    static Case simulated(ConsiliumConfig config) {
        return Clinic.cases(config.clinic(), "train", Clinic.SPECIALTIES.get(0), 1)
                .get(0)
                .of();
    }
}
