package ai.consilium.cases.check;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What somebody who can decode pictures says of a file.
 *
 * @param problem why it cannot be shown, or null
 * @param notes what a person should know of it
 */
public record PictureLook(@Nullable String problem, List<String> notes) {
    /** Decodes pictures, which this module cannot. Thread-safe. */
    @FunctionalInterface
    public interface Decoder {
        PictureLook look(Path file);
    }

    public PictureLook {
        notes = List.copyOf(notes);
    }
}
