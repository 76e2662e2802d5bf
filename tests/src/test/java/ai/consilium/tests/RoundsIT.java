package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import ai.consilium.schemas.UpdateKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A whole run of two rounds: the agent of the first is what the experts of the second start from. */
class RoundsIT {
    private static final int STEPS = 3;
    private static final int BATCH = 2;
    private static final int ROUNDS = 2;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void givenTwoRoundsWhenTrainedThenTheSecondBeginsWithTheAgentOfTheFirstAndTheBooksBalance() throws Exception {
        Path run = directory.resolve("rounds");
        try (RunProcess train = RunProcess.start(
                directory,
                "train",
                Map.of(),
                "train",
                "--config",
                SmallRun.configuration(directory).toString(),
                "--run-dir",
                run.toString(),
                "--set",
                "rounds=" + ROUNDS,
                // The agent's own rewards count too.
                "--set",
                "merger.consolidate.reward_coef=0.5",
                "--set",
                "merger.consolidate.group_size=4")) {
            assertThat(train.succeed()).contains("base", "dsa", "rl", "unified");
        }

        List<PolicyUpdate> updates = SmallRun.updates(run);
        SmallRun.assertTrainedOnce(updates, STEPS, SmallRun.CONSOLIDATION_STEPS, ROUNDS);
        SmallRun.assertBalanced(SmallRun.describe(run), ROUNDS * SmallRun.trained(STEPS, BATCH));
        assertThat(updates)
                .filteredOn(update -> update.getKind() == UpdateKind.DISTILLATION)
                .isNotEmpty()
                .allSatisfy(update ->
                        assertThat(update.getFigures()).containsKeys("distill/kl", "reward/accuracy", "pg_loss"));
        PolicyUpdate agent = updates.stream()
                .filter(update -> UnifiedAgent.isAgent(update) && update.getRound() == 0)
                .findFirst()
                .orElseThrow();
        for (String specialty : SmallRun.SPECIALTIES) {
            PolicyUpdate start = version(updates, specialty, STEPS + 1L);
            assertThat(start.getKind()).isEqualTo(UpdateKind.DSA);
            assertThat(start.getAdapterHash()).isEqualTo(agent.getAdapterHash());
            assertThat(start.getParents())
                    .containsExactly(new Parent(Topics.UNIFIED, agent.getVersion(), agent.getAdapterHash()));
            assertThat(version(updates, specialty, STEPS).getFinalVersion()).isTrue();
            assertThat(version(updates, specialty, 2L * STEPS + 1).getFinalVersion())
                    .isTrue();
        }
        PolicyUpdate merged = updates.stream()
                .filter(update -> UnifiedAgent.isMergedStart(update) && update.getRound() == 1)
                .findFirst()
                .orElseThrow();
        assertThat(merged.getParents())
                .extracting(Parent::getVersion)
                .containsExactly(agent.getVersion(), 2L * STEPS + 1, 2L * STEPS + 1);
    }

    private static PolicyUpdate version(List<PolicyUpdate> updates, String specialty, long version) {
        return updates.stream()
                .filter(update -> update.getSpecialty().equals(specialty) && update.getVersion() == version)
                .findFirst()
                .orElseThrow();
    }
}
