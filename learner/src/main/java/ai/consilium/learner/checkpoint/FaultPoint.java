package ai.consilium.learner.checkpoint;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * Where a learner can be made to die, so that a test can show that nothing is lost there. Each point is reached just
 * before the thing that it names.
 */
public enum FaultPoint {
    /** The batch is complete; nothing has been computed. */
    FORWARD,
    /** A part of a step that learners share is begun, here, and the log says so. */
    PART,
    /** The step has been taken in memory; nothing has been written. */
    BACKWARD,
    /** The adapter lies aside; moments and state do not. */
    CHECKPOINT_WRITE,
    /** All files lie aside, perhaps only in the page cache. */
    FSYNC,
    /** The checkpoint is whole, under its provisional name. */
    RENAME,
    /** The checkpoint stands; nothing has been published. */
    CHUNKS,
    /** The adapter's chunks are sent; the update is not, and nothing is committed. */
    UPDATE;

    /** Those that every step reaches. */
    public static Set<FaultPoint> ofEveryStep() {
        return EnumSet.complementOf(EnumSet.of(PART));
    }

    /** What happens at the points. */
    @FunctionalInterface
    public interface Plan {
        /** Nothing ever happens. */
        Plan NONE = (point, version) -> {};

        /** A point is reached on the way to a version. */
        void reach(FaultPoint point, long version);

        /** Kills the JVM where the system property {@code consilium.fault} says, for example {@code LEARNER_RENAME@3}. */
        static Plan fromSystemProperty() {
            String wanted = System.getProperty("consilium.fault", "");
            if (!wanted.startsWith("LEARNER_")) {
                return NONE;
            }
            return (point, version) -> {
                if (wanted.equals(String.format(Locale.ROOT, "LEARNER_%s@%d", point, version))) {
                    Runtime.getRuntime().halt(137);
                }
            };
        }
    }
}
