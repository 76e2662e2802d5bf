package ai.consilium.cases.check;

import ai.consilium.cases.format.CaseLine;
import org.jspecify.annotations.Nullable;

/**
 * Something about a case.
 *
 * @param file name of the file
 * @param line from 1; 0 is the file as a whole
 * @param id of the case, or null where none can be read
 * @param text begins with the field that it is about
 */
public record CaseFinding(String file, int line, @Nullable String id, String text) {
    static CaseFinding of(CaseLine line, String text) {
        return new CaseFinding(line.file(), line.number(), line.id(), text);
    }

    /** In one line, with its place. */
    @Override
    public String toString() {
        return file + (line == 0 ? "" : ":" + line) + ": " + text;
    }
}
