package ai.consilium.cli.memory;

import java.util.List;
import java.util.Locale;

/**
 * One thing that takes memory.
 *
 * @param what it is
 * @param when it is there
 * @param bytes of it
 * @param keys of the configuration that change it
 */
public record MemoryLine(String what, When when, long bytes, List<String> keys) {
    /** When memory is taken. */
    public enum When {
        /** Pages of files, which are dropped when memory is short, and read again. */
        MAPPED,
        /** As long as the process lives. */
        ALWAYS,
        /** While a compute thread is at it. */
        STEP;

        /** Its name in a table. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static MemoryLine mapped(String what, long bytes, String... keys) {
        return new MemoryLine(what, When.MAPPED, bytes, List.of(keys));
    }

    static MemoryLine always(String what, long bytes, String... keys) {
        return new MemoryLine(what, When.ALWAYS, bytes, List.of(keys));
    }

    static MemoryLine step(String what, long bytes, String... keys) {
        return new MemoryLine(what, When.STEP, bytes, List.of(keys));
    }
}
