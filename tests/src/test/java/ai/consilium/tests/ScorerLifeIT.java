package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.ScoringRevision;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Topics;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A guideline's life in a run that goes on: a file that is dropped in, a shadow, a promotion, a resume, a retirement. */
class ScorerLifeIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MODEL =
            "model=" + Path.of("../models/tiny").toAbsolutePath().normalize();

    private final Path directory;
    private final Path dropped;
    private final Path run;

    ScorerLifeIT(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path directory) throws IOException {
        this.directory = directory;
        this.dropped = Files.createDirectory(directory.resolve("dropped"));
        this.run = directory.resolve("run");
    }

    @Test
    void givenARubricDroppedIntoARunWhenItIsPromotedThenTheAdvantagesOfExactlyTheGroupsStampedAnewChange()
            throws Exception {
        Files.writeString(directory.resolve("scorers.yaml"), """
                # One right answer in a group is enough for guidelines to count.
                reward:
                  advantage: {among_right: false}
                  scorers:
                    - {name: accuracy, type: accuracy, required: true}
                    - {name: format, type: format, required: true}
                    - {name: analytical, type: rubric, file: "shipped:analytical", required: true, rubric_dropout: 0.4}
                """);
        String offered;
        try (RunProcess train = train("first")) {
            await().atMost(RunProcess.PATIENCE).until(() -> train.newestVersion() >= 1);
            long begin = System.nanoTime();
            Files.writeString(dropped.resolve("brief.yaml"), """
                    name: brief
                    criteria:
                      - {kind: max_words, limit: 12, weight: 1}
                    """);
            offered = awaitOnPage(train, "brief@");
            System.out.printf("on the page after %.1f s%n", (System.nanoTime() - begin) / 1e9);
            assertThat(states()).containsEntry(offered, "shadow").containsEntry("analytical", "active");
            refusals();

            CommandLineRun promoted = scorers("promote", "brief");

            assertThat(promoted.code()).as(String.join("\n", promoted.errors())).isZero();
            assertThat(promoted.text())
                    .isEqualTo(offered + " is active as brief: revision 3 of the run, from its next prompt on\n");
            long version = train.newestVersion();
            awaitOnPage(train, "brief");
            await().atMost(RunProcess.PATIENCE).until(() -> train.newestVersion() >= version + 3);
            train.terminate();
            train.exit();
        }
        Map<String, String> stamped = new HashMap<>();
        String revision = read(stamped);
        long before = count(stamped, revision);
        assertThat(before).isPositive();
        try (RunProcess resumed = train("second", "--resume")) {
            await().atMost(RunProcess.PATIENCE).until(() -> resumed.newestVersion() >= 1);
            long version = resumed.newestVersion();
            await().atMost(RunProcess.PATIENCE).until(() -> resumed.newestVersion() >= version + 2);
            resumed.terminate();
            resumed.exit();
        }

        assertThat(read(stamped)).isEqualTo(revision);
        assertThat(count(stamped, revision)).isGreaterThan(before);
        assertThat(new HashSet<>(stamped.values())).hasSize(3);
        exactlyTheGroupsStampedAnewChange(stamped, revision);
        CommandLineRun retired = scorers("retire", "brief");
        assertThat(retired.text()).startsWith("brief is retired: revision 4 of the run");
        assertThat(states()).containsEntry("brief", "retired");
    }

    /** Reads the stamps of the prompts, by group. @return what is in force */
    private String read(Map<String, String> stamps) throws Exception {
        try (RunOnDisk log = new RunOnDisk(run)) {
            assertThat(log.read(Topics.SCORES, Scores.class))
                    .flatExtracting(Scores::getScores)
                    .flatExtracting(Score::getEvidence)
                    .anyMatch(note -> note.startsWith("left out at random: criteria "));
            log.read(Topics.PROMPTS, Prompt.class).stream()
                    .filter(prompt -> prompt.getPurpose().equals(Purpose.RL))
                    .forEach(prompt -> stamps.put(prompt.getGroupId(), prompt.getScoringConfigHash()));
            return ManifestLog.newest(log.kafka())
                    .flatMap(ScoringRevision::hash)
                    .orElseThrow();
        }
    }

    private static long count(Map<String, String> stamps, String hash) {
        return stamps.values().stream().filter(hash::equals).count();
    }

    /** Every advantage follows from its group's own configuration; without the promotion only those after it differ. */
    private void exactlyTheGroupsStampedAnewChange(Map<String, String> stamps, String revision) throws Exception {
        CommandLineRun recorded = CommandLineRun.of("rescore", "--run-dir", run.toString(), "-o", "json");
        assertThat(recorded.code()).as(recorded.text()).isZero();
        assertThat(JSON.readTree(recorded.text()).at("/check/exact").asBoolean())
                .isTrue();

        Path without = Files.writeString(directory.resolve("without.yaml"), "reward: {watch: \"\"}\n");
        Path out = directory.resolve("without");
        CommandLineRun compared = CommandLineRun.of(
                "rescore", "--run-dir", run.toString(), "--config", without.toString(), "--out", out.toString());
        assertThat(compared.code()).as(String.join("\n", compared.errors())).isZero();
        Set<String> changed = new HashSet<>();
        for (String line : Files.readAllLines(out.resolve("changes.jsonl"))) {
            JsonNode group = JSON.readTree(line);
            // A score that is not asked for any more is a change too, but none of the advantage.
            for (JsonNode member : group.path("members")) {
                if (member.path("before").asDouble() != member.path("after").asDouble()) {
                    changed.add(group.path("group_id").asText());
                }
            }
        }
        assertThat(changed).isNotEmpty().allSatisfy(group -> assertThat(stamps).containsEntry(group, revision));
    }

    private void refusals() {
        assertRefused(
                "'tone' is no scorer of this run; there are accuracy, format, analytical, brief@", "promote", "tone");
        assertRefused("'format' is active already", "promote", "format");
        assertRefused(
                "--as: a scorer begins as a shadow, not as 'active';", "add", "--rubric", "x.yaml", "--as", "active");
        assertRefused("reward.scorers.file: no such rubric file: nowhere.yaml", "add", "--rubric", "nowhere.yaml");
        assertRefused("'analytical' is there already", "add", "--rubric", "shipped:analytical");
    }

    private void assertRefused(String why, String... arguments) {
        CommandLineRun refused = scorers(arguments);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.told()).singleElement().asString().startsWith("consilium: " + why);
    }

    private RunProcess train(String name, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "train",
                "--config",
                SmallRun.configuration(directory).toString(),
                "--config",
                directory.resolve("scorers.yaml").toString(),
                "--run-dir",
                run.toString(),
                "--set",
                MODEL,
                "--set",
                "steps=200",
                "--set",
                "reward.watch=" + dropped));
        arguments.addAll(List.of(more));
        return RunProcess.start(directory, name, Map.of(), arguments.toArray(String[]::new));
    }

    private CommandLineRun scorers(String... arguments) {
        List<String> all = new ArrayList<>(List.of("scorers"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--run-dir", run.toString()));
        return CommandLineRun.of(all.toArray(String[]::new));
    }

    private Map<String, String> states() throws Exception {
        CommandLineRun listed = scorers("list", "-o", "json");
        assertThat(listed.code()).as(String.join("\n", listed.errors())).isZero();
        Map<String, String> states = new HashMap<>();
        JSON.readTree(listed.text())
                .forEach(one ->
                        states.put(one.path("name").asText(), one.path("state").asText()));
        return states;
    }

    /** A scorer that the page shows with scores. @return its name */
    private static String awaitOnPage(RunProcess train, String name) {
        return await().atMost(RunProcess.PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(
                        () -> train.picture().stream()
                                .flatMap(picture -> StreamSupport.stream(
                                        picture.path("scorers").spliterator(), false))
                                .filter(scorer -> name.endsWith("@")
                                        ? scorer.path("name").asText().startsWith(name)
                                        : scorer.path("name").asText().equals(name))
                                .filter(scorer -> scorer.path("scored").asLong() > 0)
                                .map(scorer -> scorer.path("name").asText())
                                .findFirst()
                                .orElse(""),
                        found -> !found.isEmpty());
    }
}
