package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.clinic.SimulatedCase;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.platform.run.CaseEdition;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import ai.consilium.schemas.UpdateKind;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole run of two rounds: the agent of the first is what the experts of the second start from. Its training file grows in the
 * first, and it is killed in the second.
 */
@SuppressWarnings("NullAway.Init") // JUnit and the test fill the fields
class GrowingRunIT {
    private static final int STEPS = 3;
    private static final int BATCH = 2;
    private static final int ROUNDS = 2;
    private static final int ADDED = 6;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private Path run;
    private Path file;

    @Test
    void givenCasesAreAddedInARoundWhenTheNextBeginsThenItDrawsOnThemAndAllOfTheLogStaysWhatItWas() throws Exception {
        run = directory.resolve("growing");
        file = run.resolve("data/train.jsonl");
        int cases;
        String first;
        try (RunProcess train = start()) {
            train.awaitAnnounced("live page");
            await().atMost(RunProcess.PATIENCE)
                    .until(() -> edition().path("round").asInt() == 1);
            cases = edition().path("cases").asInt();
            first = CaseFile.read(file).sha256();
            assertThat(CaseFile.read(file).cases()).hasSize(cases);

            add("added");
            await().atMost(RunProcess.PATIENCE)
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> edition().path("round").asInt() == 2);
            train.kill();
            assertThat(train.exit()).isNotZero();
        }
        String second = CaseFile.read(file).sha256();
        // No round will draw on these; a resume is not stopped by them.
        add("late");
        Files.writeString(file, "{\"id\": \"broken\"}\n{\"id\":", StandardOpenOption.APPEND);
        try (RunProcess train =
                RunProcess.start(directory, "resumed", Map.of(), "train", "--resume", "--run-dir", run.toString())) {
            assertThat(train.succeed()).contains("base", "dsa", "rl", "unified");
        }

        List<PolicyUpdate> updates = SmallRun.updates(run);
        SmallRun.assertTrainedOnce(updates, STEPS, SmallRun.CONSOLIDATION_STEPS, ROUNDS);
        assertConsolidatedByRewardsToo(updates);
        assertBeginsWithTheAgentOfTheRoundBefore(updates);
        SmallRun.assertBalanced(SmallRun.describe(run), ROUNDS * SmallRun.trained(STEPS, BATCH));
        try (RunOnDisk log = new RunOnDisk(run)) {
            List<Prompt> prompts = log.read(Topics.PROMPTS, Prompt.class);
            assertThat(hashes(prompts, 0)).containsExactly(first);
            assertThat(hashes(prompts, 1)).containsExactly(second);
            assertThat(drawn(prompts, 0)).noneMatch(id -> id.contains("added"));
            assertThat(drawn(prompts, 1)).anyMatch(id -> id.contains("added")).noneMatch(id -> id.contains("late"));
            for (String specialty : SmallRun.SPECIALTIES) {
                assertThat(prompts.stream()
                                .filter(prompt -> prompt.getRound() == 1
                                        && prompt.getPurpose().equals(Purpose.RL)
                                        && prompt.getSpecialty().equals(specialty))
                                .map(prompt -> prompt.getCaseRef().getId()))
                        .as("new cases of " + specialty)
                        .anyMatch(id -> id.contains("added"));
            }
            assertThat(log.read(Topics.RUN_MANIFESTS, RunManifest.class))
                    .extracting(CaseEdition::of)
                    .extracting(edition -> edition.map(CaseEdition::told).orElse(""))
                    .containsExactly(
                            cases + " cases since round 1",
                            cases + ADDED * SmallRun.SPECIALTIES.size() + " cases since round 2");
        }
        succeeds("trace", "--run-dir", run.toString(), "--verify");
        assertThat(succeeds("trace", SmallRun.SPECIALTIES.get(0) + "-0", "--run-dir", run.toString()))
                .contains("image ");
        // Scored again by the files as they are now: bit for bit what was recorded.
        succeeds("rescore", "--run-dir", run.toString());
        int last = ROUNDS * (STEPS + 1) - 1;
        assertThat(succeeds("status", "--run-dir", run.toString()))
                .containsPattern("pediatrics +" + last + " +" + last + " ")
                .contains(cases + ADDED * SmallRun.SPECIALTIES.size() + " to train on, since round 2");
    }

    private RunProcess start() {
        return SmallRun.train(directory, run, "--set", "rounds=" + ROUNDS);
    }

    private static void assertConsolidatedByRewardsToo(List<PolicyUpdate> updates) {
        assertThat(updates)
                .filteredOn(update -> update.getKind() == UpdateKind.DISTILLATION)
                .isNotEmpty()
                .allSatisfy(update ->
                        assertThat(update.getFigures()).containsKeys("distill/kl", "reward/accuracy", "pg_loss"));
    }

    private static void assertBeginsWithTheAgentOfTheRoundBefore(List<PolicyUpdate> updates) {
        PolicyUpdate agent = updates.stream()
                .filter(update -> UnifiedAgent.isAgent(update) && update.getRound() == 0)
                .findFirst()
                .orElseThrow();
        for (String specialty : SmallRun.SPECIALTIES) {
            PolicyUpdate start = SmallRun.version(updates, specialty, STEPS + 1L);
            assertThat(start.getKind()).isEqualTo(UpdateKind.DSA);
            assertThat(start.getAdapterHash()).isEqualTo(agent.getAdapterHash());
            assertThat(start.getParents())
                    .containsExactly(new Parent(Topics.UNIFIED, agent.getVersion(), agent.getAdapterHash()));
            assertThat(SmallRun.version(updates, specialty, STEPS).getFinalVersion())
                    .isTrue();
            assertThat(SmallRun.version(updates, specialty, 2L * STEPS + 1).getFinalVersion())
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

    private void add(String split) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (String specialty : SmallRun.SPECIALTIES) {
            for (SimulatedCase drawn : Clinic.cases(new ClinicSettings(77, .3, 1, 0, 0), split, specialty, ADDED)) {
                Path picture = file.resolveSibling(drawn.of().images().get(0));
                ImageIO.write(drawn.image(), "png", picture.toFile());
                lines.append(new String(CaseFile.json(drawn.of()), StandardCharsets.UTF_8))
                        .append('\n');
            }
        }
        Files.writeString(file, lines, StandardOpenOption.APPEND);
    }

    private JsonNode edition() throws IOException {
        CommandLineRun status = CommandLineRun.of("status", "-o", "json", "--run-dir", run.toString());
        // It has no manifest yet.
        return status.code() == 0 ? JSON.readTree(status.text()).path("edition") : JSON.createObjectNode();
    }

    private static Set<String> hashes(List<Prompt> prompts, int round) {
        return prompts.stream()
                .filter(prompt -> prompt.getRound() == round)
                .map(prompt -> prompt.getCaseRef().getFileSha256())
                .collect(Collectors.toSet());
    }

    private static Set<String> drawn(List<Prompt> prompts, int round) {
        return prompts.stream()
                .filter(prompt -> prompt.getRound() == round)
                .map(prompt -> prompt.getCaseRef().getId())
                .collect(Collectors.toSet());
    }

    private static String succeeds(String... arguments) {
        CommandLineRun command = CommandLineRun.of(arguments);
        assertThat(command.code())
                .as(command.text() + String.join("\n", command.errors()))
                .isZero();
        return command.text();
    }
}
