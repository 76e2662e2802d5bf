package ai.consilium.cli.memory;

import ai.consilium.cli.memory.MemoryLine.When;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * What one kind of work takes.
 *
 * @param work what works
 * @param lines what for
 * @param stepBytes most of what its steps take, of one
 * @param atOnce steps of it that may be under way side by side
 */
public record RoleMemory(Work work, List<MemoryLine> lines, long stepBytes, int atOnce) {
    /** Kinds of work of a process, and what each process needs for any. */
    public enum Work {
        MODEL,
        ROLLOUT,
        LEARNER,
        MERGER,
        EVALUATION;

        /** Its name in a table. */
        public String label() {
            return this == MODEL ? "every process" : name().toLowerCase(Locale.ROOT);
        }
    }

    /** Of steps that follow one another. */
    static RoleMemory inTurn(Work work, List<MemoryLine> lines, int atOnce) {
        return new RoleMemory(work, lines, steps(lines).max().orElse(0), atOnce);
    }

    /** Of what one step holds together. */
    static RoleMemory together(Work work, List<MemoryLine> lines, int atOnce) {
        return new RoleMemory(work, lines, steps(lines).sum(), atOnce);
    }

    private static LongStream steps(List<MemoryLine> lines) {
        return lines.stream().filter(line -> line.when() == When.STEP).mapToLong(MemoryLine::bytes);
    }

    /** Bytes of what is there at a time. */
    long bytes(When when) {
        return lines.stream()
                .filter(line -> line.when() == when)
                .mapToLong(MemoryLine::bytes)
                .sum();
    }
}
