package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A whole run of two rounds: the agent of the first is folded into what the experts of the second start from. */
class FoldedRoundsIT {
    private static final int STEPS = 3;
    private static final int BATCH = 2;
    private static final int ROUNDS = 2;
    private static final int RANK = 16;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void givenTheAgentFoldedWhenTrainedThenExpertsOfTheNextRoundAreSmallOverItAndWholeOverTheModel() throws Exception {
        Path run = directory.resolve("folded");
        try (RunProcess train =
                SmallRun.train(directory, run, "--set", "rounds=" + ROUNDS, "--set", "fold_agent=true")) {
            assertThat(train.succeed()).contains("base", "dsa", "rl", "unified");
        }

        List<PolicyUpdate> updates = SmallRun.updates(run);
        SmallRun.assertTrainedOnce(updates, STEPS, SmallRun.CONSOLIDATION_STEPS, ROUNDS);
        SmallRun.assertBalanced(SmallRun.describe(run), ROUNDS * SmallRun.trained(STEPS, BATCH));
        PolicyUpdate agent = updates.stream()
                .filter(update -> UnifiedAgent.isAgent(update) && update.getRound() == 0)
                .findFirst()
                .orElseThrow();
        Adapter unified = exported(run, Topics.UNIFIED + "@" + agent.getVersion());
        assertThat(unified.hash()).isEqualTo(agent.getAdapterHash());
        assertThat(updates)
                .filteredOn(update ->
                        update.getRound() == 0 || update.getSpecialty().equals(Topics.UNIFIED))
                .allSatisfy(update -> assertThat(update.getFoldedAgent()).isNull());
        for (String specialty : SmallRun.SPECIALTIES) {
            PolicyUpdate first = SmallRun.version(updates, specialty, STEPS);
            PolicyUpdate last = SmallRun.version(updates, specialty, 2L * STEPS + 1);
            assertThat(last.getAdapterBytes())
                    .as("no larger than in the first round")
                    .isCloseTo(first.getAdapterBytes(), withinPercentage(1));
            assertThat(last.getFoldedAgent().getAdapterHash()).isEqualTo(agent.getAdapterHash());
            assertThat(last.getFoldedAgent().getWeightsSha256())
                    .isEqualTo(SmallRun.version(updates, specialty, STEPS + 1L)
                            .getFoldedAgent()
                            .getWeightsSha256());
            Adapter expert = exported(run, specialty + "@" + last.getVersion());
            assertThat(expert.hash()).isEqualTo(last.getFoldedAgent().getWholeHash());
            assertThat(expert.rank()).isEqualTo(unified.rank() + RANK);
            assertThat(Adapter.readPeft(run.resolve("adapters/rl").resolve(specialty))
                            .hash())
                    .isEqualTo(expert.hash());
        }
        CommandLineRun traced = CommandLineRun.of("trace", "--run-dir", run.toString(), "--verify");
        assertThat(traced.code())
                .as(traced.text() + String.join("\n", traced.errors()))
                .isZero();
    }

    private Adapter exported(Path run, String adapter) {
        Path out = directory.resolve("exported-" + adapter);
        CommandLineRun export =
                CommandLineRun.of("export", "--run-dir", run.toString(), "--adapter", adapter, "--out", out.toString());
        assertThat(export.code()).as(String.join("\n", export.errors())).isZero();
        return Adapter.readPeft(out);
    }
}
