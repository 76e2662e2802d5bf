package ai.consilium.platform.config;

import ai.consilium.platform.UsageException;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with a configuration, one line each, in the order in which it was found. */
final class Problems {
    private final List<String> lines = new ArrayList<>();

    /** Notes a problem: {@code place: path: what}. */
    void add(String place, String path, String what) {
        lines.add(place + ": " + (path.isEmpty() ? "" : path + ": ") + what);
    }

    /** Number of problems so far. */
    int count() {
        return lines.size();
    }

    /** Throws all of them, if there are any. */
    void raise() {
        if (!lines.isEmpty()) {
            throw new UsageException(String.join("\n", lines));
        }
    }
}
