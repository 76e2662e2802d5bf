package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UpdateKind;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What the tests of whole runs share: the configuration of a small run, and what must hold of its log. */
final class SmallRun {
    static final List<String> SPECIALTIES = List.of("pediatrics", "oncology_surgery");

    /** Its model, for commands in a test's own process, which works in another directory. */
    static final Path MODEL = Path.of("../models/tiny").toAbsolutePath().normalize();

    /** Steps of consolidation, and groups of each. */
    static final int CONSOLIDATION_STEPS = 2;

    private static final int CONSOLIDATION_BATCH = 2;
    private static final ObjectMapper JSON = new ObjectMapper();

    private SmallRun() {}

    /** Groups that a whole run trains on. */
    static int trained(int steps, int batch) {
        return steps * batch * SPECIALTIES.size() + CONSOLIDATION_STEPS * CONSOLIDATION_BATCH;
    }

    /** The configuration as a file. */
    static Path configuration(Path directory) {
        Path file = directory.resolve("small.yaml");
        try (InputStream in = Objects.requireNonNull(SmallRun.class.getResourceAsStream("small.yaml"))) {
            Files.write(file, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    /**
     * Starts a small run.
     *
     * @param directory for its configuration and output
     * @param run its run directory
     * @param more arguments
     */
    static RunProcess train(Path directory, Path run, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("train", "--config", configuration(directory).toString(), "--run-dir", run.toString()));
        arguments.addAll(List.of(more));
        return RunProcess.start(directory, "train", Map.of(), arguments.toArray(String[]::new));
    }

    /** What {@code topics describe -o json} says of a run directory that no process holds. */
    static JsonNode describe(Path runDirectory) throws IOException {
        return describe(Map.of(), "--run-dir", runDirectory.toString());
    }

    /** What {@code topics describe -o json} says of a run that is over. */
    static JsonNode describe(Map<String, String> environment, String... where) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("topics", "describe", "-o", "json"));
        arguments.addAll(List.of(where));
        CommandLineRun run = CommandLineRun.of(environment, arguments.toArray(String[]::new));
        assertThat(run.code()).as(String.join("\n", run.errors())).isZero();
        return JSON.readTree(run.text());
    }

    /** Every prompt has ended in exactly one way, and both specialties were trained on as many as they had to be. */
    static void assertBalanced(JsonNode books, int trained) {
        assertThat(books.path("balanced").asBoolean()).as("balanced: %s", books).isTrue();
        long ends = StreamSupport.stream(books.path("outcomes").spliterator(), false)
                .mapToLong(JsonNode::asLong)
                .sum();
        assertThat(books.path("prompts").asLong())
                .as("prompts of %s", books)
                .isPositive()
                .isEqualTo(ends);
        assertThat(books.path("outcomes").path("trained").asLong())
                .as("trained of %s", books)
                .isEqualTo(trained);
        assertThat(books.path("records").path("dead-letters").asLong())
                .as("dead letters of %s", books)
                .isZero();
    }

    /** Every update on the log of a run directory that no process holds. */
    static List<PolicyUpdate> updates(Path runDirectory) throws IOException {
        try (RunOnDisk log = new RunOnDisk(runDirectory)) {
            return log.read(Topics.POLICY_UPDATES, PolicyUpdate.class);
        }
    }

    /** The update that made a version. */
    static PolicyUpdate version(List<PolicyUpdate> updates, String specialty, long version) {
        return of(updates, specialty)
                .filter(update -> update.getVersion() == version)
                .findFirst()
                .orElseThrow();
    }

    /** Versions 0 to the last, each once and in order; no group in two updates; a shared start, a merge, what is made of it. */
    static void assertTrainedOnce(List<PolicyUpdate> updates, int steps) {
        assertTrainedOnce(updates, steps, CONSOLIDATION_STEPS);
    }

    static void assertTrainedOnce(List<PolicyUpdate> updates, int steps, int consolidationSteps) {
        assertTrainedOnce(updates, steps, consolidationSteps, 1);
    }

    /** Round after round, each beginning with the agent that the one before ended with. */
    static void assertTrainedOnce(List<PolicyUpdate> updates, int steps, int consolidationSteps, int rounds) {
        for (String specialty : SPECIALTIES) {
            assertThat(of(updates, specialty).map(PolicyUpdate::getVersion))
                    .as("versions of %s", specialty)
                    .containsExactlyElementsOf(Stream.iterate(0L, version -> version + 1)
                            .limit(rounds * (steps + 1L))
                            .toList());
        }
        assertThat(updates.stream().flatMap(update -> update.getGroupIds().stream()))
                .as("groups that were trained on")
                .isNotEmpty()
                .doesNotHaveDuplicates();
        List<UpdateKind> unified = new ArrayList<>(List.of(UpdateKind.DSA));
        for (int round = 0; round < rounds; round++) {
            unified.add(UpdateKind.MERGE);
            unified.addAll(Collections.nCopies(consolidationSteps, UpdateKind.DISTILLATION));
            if (consolidationSteps > 0) {
                unified.add(UpdateKind.MERGE);
            }
        }
        assertThat(of(updates, Topics.UNIFIED).map(PolicyUpdate::getKind))
                .as("the shared start, the merge, what is made of it, the agent")
                .containsExactlyElementsOf(unified);
    }

    /** Hash of each version of the experts. */
    static SortedMap<String, String> expertHashes(List<PolicyUpdate> updates) {
        SortedMap<String, String> hashes = new TreeMap<>();
        SPECIALTIES.forEach(specialty -> of(updates, specialty)
                .forEach(update -> hashes.put(specialty + "@" + update.getVersion(), update.getAdapterHash())));
        return hashes;
    }

    private static Stream<PolicyUpdate> of(List<PolicyUpdate> updates, String specialty) {
        return updates.stream().filter(update -> update.getSpecialty().equals(specialty));
    }
}
