package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import ai.consilium.schemas.UpdateKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code consilium train --fork}: a run that begins with the agent of another. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class ForkedRunIT {
    private static final int BATCH = 2;

    @TempDir
    static Path directory;

    /** Which the other run does not have. */
    private static final String ADDED = "brain_senses";

    private static final List<String> WITH_ADDED =
            Stream.concat(SmallRun.SPECIALTIES.stream(), Stream.of(ADDED)).toList();

    private static Path parent;
    private static List<PolicyUpdate> ofParent;
    private static PolicyUpdate agent;

    @BeforeAll
    static void trainTheParent() throws Exception {
        parent = directory.resolve("parent");
        try (RunProcess train = start(
                "parent",
                "--config",
                SmallRun.configuration(directory).toString(),
                "--set",
                "steps=1",
                "--run-dir",
                parent.toString())) {
            train.succeed();
        }
        ofParent = SmallRun.updates(parent);
        agent = ofParent.stream()
                .filter(UnifiedAgent::isAgent)
                .reduce((earlier, later) -> later)
                .orElseThrow();
    }

    @Test
    void givenAnotherRunsAgentWhenForkedWithOneMoreSpecialtyThenAllExpertsBeginAsItUnderTheOthersSettings()
            throws Exception {
        Path run = directory.resolve("fork");

        try (RunProcess fork = start(
                "fork",
                "--fork",
                parent.toString(),
                "--set",
                "specialties=" + WITH_ADDED,
                "--run-dir",
                run.toString())) {
            assertThat(fork.succeed()).contains("base", "dsa", "rl", "unified", ADDED);
            assertThat(fork.errors()).contains("forked from    " + parent + ", unified@latest");
        }

        List<PolicyUpdate> updates = SmallRun.updates(run);
        SmallRun.assertTrainedOnce(updates, 1);
        SmallRun.assertBalanced(SmallRun.describe(run), SmallRun.trained(1, BATCH) + BATCH);
        assertBeginsWithTheAgent(updates);
        for (String specialty : WITH_ADDED) {
            assertThat(version(updates, specialty, 0).getAdapterHash()).isEqualTo(agent.getAdapterHash());
        }
        assertThat(version(updates, ADDED, 1).getKind()).isEqualTo(UpdateKind.REINFORCEMENT);
        assertThat(Adapter.readPeft(run.resolve("start/agent")).hash()).isEqualTo(agent.getAdapterHash());
        assertThat(run.resolve("start/agent/README.md"))
                .content()
                .contains("version %d of run parent, merged from the experts".formatted(agent.getVersion()));
        assertThat(SmallRun.updates(parent)).as("the other run is only read").isEqualTo(ofParent);
    }

    @Test
    void givenAVersionThatIsFoldedWhenTheForkIsKilledAndResumedThenItsExpertsAreSmallOverThatVersion()
            throws Exception {
        Path run = directory.resolve("folded");
        int steps = 3;
        try (RunProcess fork = start(
                "folded",
                "--fork",
                parent + "@" + agent.getVersion(),
                "--set",
                "fold_agent=true",
                "--set",
                "steps=" + steps,
                "--run-dir",
                run.toString())) {
            await().atMost(RunProcess.PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        assertThat(fork.alive()).as(fork.errors()).isTrue();
                        return fork.newestVersion() >= 1;
                    });
            fork.kill();
            assertThat(fork.exit()).isNotZero();
        }

        try (RunProcess resumed = start("resumed", "--resume", "--run-dir", run.toString())) {
            resumed.succeed();
        }

        List<PolicyUpdate> updates = SmallRun.updates(run);
        SmallRun.assertTrainedOnce(updates, steps);
        SmallRun.assertBalanced(SmallRun.describe(run), SmallRun.trained(steps, BATCH));
        assertBeginsWithTheAgent(updates);
        for (String specialty : SmallRun.SPECIALTIES) {
            PolicyUpdate last = version(updates, specialty, steps);
            assertThat(last.getFoldedAgent().getVersion()).isZero();
            assertThat(last.getFoldedAgent().getAdapterHash()).isEqualTo(agent.getAdapterHash());
            assertThat(last.getAdapterBytes())
                    .as("an expert of lora.rank over an agent of any rank")
                    .isLessThan(agent.getAdapterBytes() * 2);
        }
        CommandLineRun traced = CommandLineRun.of("trace", "--run-dir", run.toString(), "--verify");
        assertThat(traced.code())
                .as(traced.text() + String.join("\n", traced.errors()))
                .isZero();
    }

    private static void assertBeginsWithTheAgent(List<PolicyUpdate> updates) {
        assertThat(version(updates, Topics.UNIFIED, 0).getAdapterHash()).isEqualTo(agent.getAdapterHash());
        for (String specialty : SmallRun.SPECIALTIES) {
            assertThat(version(updates, specialty, 0).getParents())
                    .containsExactly(new Parent(Topics.UNIFIED, 0L, agent.getAdapterHash()));
        }
    }

    private static PolicyUpdate version(List<PolicyUpdate> updates, String policy, long version) {
        return updates.stream()
                .filter(update -> update.getSpecialty().equals(policy) && update.getVersion() == version)
                .findFirst()
                .orElseThrow();
    }

    private static RunProcess start(String name, String... options) {
        List<String> all = new ArrayList<>(List.of("train"));
        all.addAll(List.of(options));
        return RunProcess.start(directory, name, Map.of(), all.toArray(String[]::new));
    }
}
