package ai.consilium.cli.build;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What an answer of a teacher is worth. */
sealed interface TraceVerdict {
    /** Why an answer is not kept, in the order in which it is looked at. */
    enum Reason {
        /** The server took no request, or sent nothing that can be used. */
        NO_REPLY,
        /** A picture cannot be read: nothing was asked. */
        PICTURE,
        /** The length limit ended it. */
        CUT,
        /** Not one thought and one answer. */
        FORM,
        /** The answer is no option. */
        NO_OPTION,
        /** The answer is another option. */
        WRONG,
        /** The guideline's score is below the least that is kept. */
        GUIDELINE;

        /** As it stands in files. */
        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A trace.
     *
     * @param trace the thought
     * @param score the guideline's, or null where it has nothing to go by
     */
    record Kept(String trace, @Nullable Double score) implements TraceVerdict {}

    /** @param detail for people */
    record Refused(Reason reason, String detail) implements TraceVerdict {}
}
