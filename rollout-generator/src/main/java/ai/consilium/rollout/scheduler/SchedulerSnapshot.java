package ai.consilium.rollout.scheduler;

import ai.consilium.platform.AtomicFile;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the scheduler knew of the run at some places of its log, so that one which comes back reads what came since and not all from
 * the beginning. A copy of what the log says: without it, or with one that cannot be read, the books are made anew.
 *
 * @param format of this file
 * @param topicIds of the topics that were read, by name
 * @param next offsets from which on records may not be known, by topic and partition
 * @param rounds books of training
 * @param prompts what the plan of prompts knows
 * @param examinations book of examinations
 */
record SchedulerSnapshot(
        int format,
        SortedMap<String, String> topicIds,
        Map<String, SortedMap<Integer, Long>> next,
        Rounds.Content rounds,
        PromptPlan.Content prompts,
        ExaminationBook.Content examinations) {
    /** Of what this version of the program writes. Other formats are passed over. */
    static final int FORMAT = 2;

    private static final Logger LOG = LoggerFactory.getLogger(SchedulerSnapshot.class);
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * The one in a file.
     *
     * @param topicIds of the topics that are read
     * @return empty where there is none of these topics and this format
     */
    static Optional<SchedulerSnapshot> read(Path file, SortedMap<String, String> topicIds) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            var tree = JSON.readTree(Files.readAllBytes(file));
            if (tree.path("format").asInt() != FORMAT) {
                return Optional.empty();
            }
            return Optional.of(JSON.treeToValue(tree, SchedulerSnapshot.class))
                    .filter(snapshot -> snapshot.topicIds().equals(topicIds));
        } catch (IOException | RuntimeException e) {
            LOG.atWarn()
                    .addKeyValue("file", file)
                    .addKeyValue("error", e.getMessage())
                    .log("The snapshot of the scheduler's books cannot be read; they are made from the log");
            return Optional.empty();
        }
    }

    /** Writes it whole or not at all. What cannot be written is told in the log of the process, and costs time at the next start. */
    void write(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            AtomicFile.write(file, JSON.writeValueAsString(this));
        } catch (IOException | UncheckedIOException e) {
            LOG.atWarn()
                    .addKeyValue("file", file)
                    .addKeyValue("error", e.toString())
                    .log("No snapshot of the scheduler's books can be written");
        }
    }
}
