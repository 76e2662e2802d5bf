package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import ai.consilium.schemas.UpdateKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run of two rounds that gets a specialty more while it is in its first: killed there, gone on with under the longer list, with cases
 * that came for it, and killed once more when the new expert is being trained.
 */
@SuppressWarnings("NullAway.Init") // JUnit and the test fill the fields
class AddedSpecialtyIT {
    private static final int STEPS = 3;
    private static final int BATCH = 2;
    private static final int ROUNDS = 2;
    /** First version of the second round. */
    private static final long SECOND = STEPS + 1L;

    private static final String ADDED = "adult_medicine";
    private static final String WITH_ADDED = "specialties=[pediatrics, oncology_surgery, " + ADDED + "]";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private Path run;
    private Path cases;

    @Test
    void givenASpecialtyIsAddedWhenTheNextRoundBeginsThenItsExpertBeginsAsTheAgentAndBecomesPartOfTheNext()
            throws Exception {
        run = directory.resolve("growing");
        cases = directory.resolve("cases");
        Clinic.write(cases, new ClinicSettings(1, .3, 40, 4, 4));
        Map<String, String> added = new HashMap<>();
        for (String file : CaseLibrary.FILES) {
            added.put(file, takeOut(ADDED, file));
        }
        try (RunProcess train = SmallRun.train(
                directory,
                run,
                "--cases",
                cases.toString(),
                "--set",
                "rounds=" + ROUNDS,
                "--set",
                "eval.interval=1",
                "--set",
                "eval.cases=4")) {
            killAt(1, train);
        }
        String validation =
                CaseFile.read(cases.resolve(CaseLibrary.VALIDATION_FILE)).sha256();
        for (String file : CaseLibrary.FILES) {
            Files.writeString(cases.resolve(file), added.getOrDefault(file, ""), StandardOpenOption.APPEND);
        }
        try (RunProcess longer = resume("longer", "--set", WITH_ADDED)) {
            killAt(SECOND + 1, longer);
            assertThat(longer.errors()).contains("specialties    " + ADDED + ": trained from round 2 on");
        }
        try (RunProcess again = resume("again")) {
            assertThat(again.succeed()).contains("base", "dsa", "rl", "unified", ADDED);
        }

        List<PolicyUpdate> updates = SmallRun.updates(run);
        SmallRun.assertTrainedOnce(updates, STEPS, SmallRun.CONSOLIDATION_STEPS, ROUNDS);
        SmallRun.assertBalanced(SmallRun.describe(run), ROUNDS * SmallRun.trained(STEPS, BATCH) + STEPS * BATCH);
        assertBeginsAsTheAgent(updates);
        assertMergedInItsRoundOnly(updates);
        try (RunOnDisk log = new RunOnDisk(run)) {
            List<Prompt> prompts = log.read(Topics.PROMPTS, Prompt.class);
            assertTrainedInItsRoundOnly(prompts);
            assertThat(prompts)
                    .filteredOn(prompt -> prompt.getPurpose().equals(Purpose.VALIDATION))
                    .extracting(prompt -> prompt.getCaseRef().getFileSha256())
                    .as("examined on what there was, then on that and what came")
                    .contains(
                            validation,
                            CaseFile.read(cases.resolve(CaseLibrary.VALIDATION_FILE))
                                    .sha256());
            List<RunManifest> manifests = log.read(Topics.RUN_MANIFESTS, RunManifest.class);
            RunManifest newest = manifests.get(manifests.size() - 1);
            assertThat(newest.getPolicies())
                    .as("no policy changes its partition")
                    .containsExactly("pediatrics", "oncology_surgery", Topics.UNIFIED, ADDED);
            assertThat(newest.getPolicyRounds()).containsExactly(0, 0, 0, 1);
        }
        succeeds("trace", "--run-dir", run.toString(), "--verify");
        succeeds("rescore", "--run-dir", run.toString());

        refused("without", "--set", "specialties=[pediatrics, oncology_surgery]")
                .contains("specialties: [pediatrics, oncology_surgery] here, [pediatrics, oncology_surgery, " + ADDED
                        + "] in the manifest of run growing")
                .contains("specialties were added; set what the run has, and start this again");
        refused("late", "--set", "specialties=[pediatrics, oncology_surgery, " + ADDED + ", brain_senses]")
                .contains(
                        "specialties: brain_senses would be trained from the next round on, and run growing has no round");
    }

    private void assertBeginsAsTheAgent(List<PolicyUpdate> updates) {
        assertThat(updates.stream()
                        .filter(update -> update.getSpecialty().equals(ADDED))
                        .map(PolicyUpdate::getVersion))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(SECOND, SECOND + STEPS).boxed().toList());
        PolicyUpdate agent = updates.stream()
                .filter(update -> UnifiedAgent.isAgent(update) && update.getRound() == 0)
                .findFirst()
                .orElseThrow();
        PolicyUpdate start = SmallRun.version(updates, ADDED, SECOND);
        assertThat(start.getKind()).isEqualTo(UpdateKind.DSA);
        assertThat(start.getAdapterHash()).isEqualTo(agent.getAdapterHash());
        assertThat(start.getParents())
                .containsExactly(new Parent(Topics.UNIFIED, agent.getVersion(), agent.getAdapterHash()));
        assertThat(SmallRun.version(updates, ADDED, SECOND + STEPS).getFinalVersion())
                .isTrue();
    }

    private static void assertMergedInItsRoundOnly(List<PolicyUpdate> updates) {
        assertThat(updates)
                .filteredOn(UnifiedAgent::isMergedStart)
                .extracting(update ->
                        update.getParents().stream().map(Parent::getSpecialty).toList())
                .containsExactly(
                        List.of(Topics.UNIFIED, "pediatrics", "oncology_surgery"),
                        List.of(Topics.UNIFIED, "pediatrics", "oncology_surgery", ADDED));
    }

    private static void assertTrainedInItsRoundOnly(List<Prompt> prompts) {
        List<Prompt> ofAdded = prompts.stream()
                .filter(prompt -> prompt.getSpecialty().equals(ADDED))
                .toList();
        assertThat(ofAdded)
                .extracting(Prompt::getPurpose)
                .contains(Purpose.RL, Purpose.DISTILL_REWARDED, Purpose.VALIDATION);
        assertThat(ofAdded)
                .filteredOn(prompt -> !prompt.getPurpose().equals(Purpose.VALIDATION))
                .allSatisfy(prompt -> assertThat(prompt.getRound()).isEqualTo(1));
    }

    /** Removes the cases of a specialty from a file. @return their lines */
    private String takeOut(String specialty, String file) throws IOException {
        List<String> taken = new ArrayList<>();
        List<String> left = new ArrayList<>();
        for (String line : Files.readAllLines(cases.resolve(file))) {
            (line.contains("\"specialty\":\"" + specialty + "\"") ? taken : left).add(line + "\n");
        }
        assertThat(taken).as("cases of %s in %s", specialty, file).isNotEmpty();
        Files.writeString(cases.resolve(file), String.join("", left));
        return String.join("", taken);
    }

    private static void killAt(long version, RunProcess train) throws InterruptedException {
        await().atMost(RunProcess.PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
            assertThat(train.alive()).as(train.errors()).isTrue();
            return train.newestVersion() >= version;
        });
        train.kill();
        assertThat(train.exit()).isNotZero();
    }

    private RunProcess resume(String name, String... options) {
        return RunProcess.start(
                directory,
                name,
                Map.of(),
                Stream.concat(Stream.of("train", "--resume", "--run-dir", run.toString()), Stream.of(options))
                        .toArray(String[]::new));
    }

    private AbstractStringAssert<?> refused(String name, String... options) throws InterruptedException {
        try (RunProcess process = resume(name, options)) {
            assertThat(process.exit()).as(process.errors()).isEqualTo(2);
            return assertThat(process.errors());
        }
    }

    private static void succeeds(String... arguments) throws IOException {
        CommandLineRun command = CommandLineRun.of(arguments);
        assertThat(command.code())
                .as(command.text() + String.join("\n", command.errors()))
                .isZero();
    }
}
