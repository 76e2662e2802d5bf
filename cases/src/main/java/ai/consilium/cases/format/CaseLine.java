package ai.consilium.cases.format;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of a case file: a case, or everything that is wrong with it.
 *
 * @param file name of the file
 * @param number from 1
 * @param text the line as it stands in the file
 * @param id of the case, or null where it has none that can be read
 * @param read the case, or null where the line is refused
 * @param problems each names its field; empty exactly when there is a case
 */
public record CaseLine(
        String file,
        int number,
        String text,
        @Nullable String id,
        @Nullable Case read,
        List<String> problems) {
    public CaseLine {
        problems = List.copyOf(problems);
    }

    /** The case. @throws CaseException naming file, line and the first field that is wrong */
    Case orThrow() {
        if (read == null) {
            throw new CaseException(file + ":" + number + ": " + problems.get(0));
        }
        return read;
    }
}
