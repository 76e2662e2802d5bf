package ai.consilium.cases;

import java.util.Optional;

/** The verifiable checks: answer extraction and format (ALGORITHMS section 3). Pure. */
public final class Grading {
    /** How an answer is found. */
    public enum Mode {
        /** The answer element must hold an option letter or an option's text. */
        STRICT,
        /** MedEvalKit's behaviour: falls back to the nearest option. */
        COMPAT
    }

    /** Letter of the option that a completion answers with. */
    public static Optional<String> answer(Case of, String completion, Mode mode) {
        throw new UnsupportedOperationException("stub");
    }

    /** Whether the extracted answer is the label. */
    public static boolean correct(Case of, String completion, Mode mode) {
        return answer(of, completion, mode).map(of.label()::equals).orElse(false);
    }

    /** Whether it is exactly one think element, then one answer element, then end-of-text. */
    public static boolean wellFormed(String completion) {
        throw new UnsupportedOperationException("stub");
    }

    private Grading() {}
}
