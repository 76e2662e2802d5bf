package ai.consilium.devcluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;

/** Confluent's compatibility levels, decided by Avro's own rules of schema resolution. */
enum Compatibility {
    NONE(false, false, false),
    BACKWARD(true, false, false),
    BACKWARD_TRANSITIVE(true, false, true),
    FORWARD(false, true, false),
    FORWARD_TRANSITIVE(false, true, true),
    FULL(true, true, false),
    FULL_TRANSITIVE(true, true, true);

    private final boolean newReadsOld;
    private final boolean oldReadsNew;
    private final boolean transitive;

    Compatibility(boolean newReadsOld, boolean oldReadsNew, boolean transitive) {
        this.newReadsOld = newReadsOld;
        this.oldReadsNew = oldReadsNew;
        this.transitive = transitive;
    }

    static Compatibility named(String name) {
        return Arrays.stream(values())
                .filter(level -> level.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new RegistryError(422, 42203, "Invalid compatibility level " + name));
    }

    /**
     * What stands against a new schema; empty when nothing does.
     *
     * @param earlier versions of the subject, oldest first
     */
    List<String> objections(Schema candidate, List<Schema> earlier) {
        List<String> objections = new ArrayList<>();
        int from = transitive ? 0 : Math.max(0, earlier.size() - 1);
        for (Schema old : earlier.subList(from, earlier.size())) {
            if (newReadsOld) {
                collect(candidate, old, objections);
            }
            if (oldReadsNew) {
                collect(old, candidate, objections);
            }
        }
        return objections;
    }

    private static void collect(Schema reader, Schema writer, List<String> objections) {
        SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                .getResult()
                .getIncompatibilities()
                .forEach(found ->
                        objections.add(found.getType() + " at " + found.getLocation() + ": " + found.getMessage()));
    }
}
