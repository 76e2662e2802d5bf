package ai.consilium.cases.prompt;

import java.util.List;

/** Names of the clinical reasoning strategies of MMedExpert-R1 (2601.10949), and none. A layout may know others. */
public final class Perspective {
    public static final String DIFFERENTIAL = "differential";
    public static final String INTUITIVE = "intuitive";
    public static final String ANALYTICAL = "analytical";
    public static final String BAYESIAN = "bayesian";
    /** No guideline in the prompt. Every layout knows it. */
    public static final String NONE = "none";

    /** The default strata, in sample order. */
    public static final List<String> ALL = List.of(DIFFERENTIAL, INTUITIVE, ANALYTICAL, BAYESIAN, NONE);

    private Perspective() {}
}
