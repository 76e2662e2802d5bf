package ai.consilium.cases.prompt;

import ai.consilium.cases.format.CaseException;
import java.util.List;

/** Names of the clinical reasoning strategies of MMedExpert-R1 (2601.10949), and none. */
public final class Perspective {
    public static final String DIFFERENTIAL = "differential";
    public static final String INTUITIVE = "intuitive";
    public static final String ANALYTICAL = "analytical";
    public static final String BAYESIAN = "bayesian";
    /** No guideline in the prompt. */
    public static final String NONE = "none";

    /** The default strata, in sample order. */
    public static final List<String> ALL = List.of(DIFFERENTIAL, INTUITIVE, ANALYTICAL, BAYESIAN, NONE);

    /** What a perspective adds to the prompt, in canonical words; empty for none. @throws CaseException when unknown */
    public static String instruction(String perspective) {
        return switch (perspective) {
            case DIFFERENTIAL -> "reason by differential diagnosis";
            case INTUITIVE -> "answer at first sight";
            case ANALYTICAL -> "reason step by step";
            case BAYESIAN -> "weigh the evidence";
            case NONE -> "";
            default -> throw unknown(perspective);
        };
    }

    static CaseException unknown(String perspective) {
        return new CaseException("perspective '" + perspective + "' is unknown; known are " + String.join(", ", ALL));
    }

    private Perspective() {}
}
