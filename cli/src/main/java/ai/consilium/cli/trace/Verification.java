package ai.consilium.cli.trace;

import ai.consilium.cases.format.Printable;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.runlog.lineage.LineageCheck;
import ai.consilium.runlog.lineage.LineageCheck.Difference;
import ai.consilium.runlog.lineage.LineageFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;

/**
 * What {@code consilium trace --verify} found.
 *
 * @param versions that were looked at
 * @param groups of them
 * @param files adapters in files
 * @param onLog adapters on the log
 * @param pending versions that have no lineage file yet
 * @param heads of each policy the newest version, and the hash of its lineage file
 * @param differences what is not as it should be
 */
public record Verification(
        int versions,
        int groups,
        int files,
        int onLog,
        List<String> pending,
        Map<String, String> heads,
        List<Difference> differences) {
    /**
     * Looks at lineage files, at the log and at the adapters.
     *
     * @param directory of the run; empty where only the lineage files are at hand
     * @param version that is looked at with all that it came of; empty: all
     */
    public static Verification of(
            KafkaClients kafka, String runId, LineageFiles files, Optional<Path> directory, Optional<String> version)
            throws IOException, InterruptedException {
        try {
            LineageCheck lineage = LineageCheck.of(kafka, runId, files, version);
            AdapterCheck adapters = new AdapterCheck(lineage.derived());
            if (directory.isPresent()) {
                adapters.checkpoints(directory.get());
                adapters.exported(directory.get());
            }
            adapters.published(kafka);
            List<Difference> differences = new ArrayList<>(lineage.differences());
            differences.addAll(adapters.differences());
            return new Verification(
                    lineage.versions(),
                    lineage.groups(),
                    adapters.files(),
                    adapters.onLog(),
                    lineage.pending(),
                    lineage.heads(),
                    differences);
        } catch (KafkaException broken) {
            // The client looks at checksums itself, and names topic, partition and offset.
            return new Verification(
                    0,
                    0,
                    0,
                    0,
                    List.of(),
                    Map.of(),
                    List.of(new Difference("log", "cannot be read: " + broken.getMessage())));
        }
    }

    /** Whether all is as it was published. */
    public boolean sound() {
        return differences.isEmpty();
    }

    /** For people. */
    public void print(PrintWriter out) {
        out.printf(
                "%d versions, %d groups, %d adapter files, %d adapters on the log%n", versions, groups, files, onLog);
        heads.forEach((policy, head) -> out.println("newest  " + head));
        if (!pending.isEmpty()) {
            out.println("no lineage file yet: " + String.join(", ", pending));
        }
        differences.forEach(difference ->
                out.println(Printable.shown(difference.where()) + ": " + Printable.shown(difference.what())));
        out.println(
                sound()
                        ? "verified: everything is as it was published"
                        : "NOT as published: " + differences.size()
                                + (differences.size() == 1 ? " difference" : " differences"));
    }
}
