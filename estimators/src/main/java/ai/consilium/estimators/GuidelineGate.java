package ai.consilium.estimators;

import java.util.Map;

/** Whose guideline scores {@link Gba} compares with one another (docs/algorithms.md, Advantages). */
public enum GuidelineGate {
    /** Everybody's, also where the answer is wrong. */
    NONE(0),
    /** Everybody's, in which a wrong answer or a wrong form makes the score 0: so that much of the term repeats accuracy. */
    SCORE(1),
    /** Those of right answers in the right form with each other: the term says nothing about right and wrong. */
    RIGHT(2);

    private static final String PARAMETER = "gate";
    private final double code;

    GuidelineGate(double code) {
        this.code = code;
    }

    /** Of a scoring configuration; one without the parameter is of a time that knew only {@link #SCORE}. */
    static GuidelineGate of(Map<String, Double> parameters) {
        double code = parameters.getOrDefault(PARAMETER, SCORE.code);
        for (GuidelineGate gate : values()) {
            if (gate.code == code) {
                return gate;
            }
        }
        throw new IllegalArgumentException("parameter '" + PARAMETER + "' of gba must be 0, 1 or 2, not " + code);
    }

    /** Writes it as a parameter of a scoring configuration. */
    public void put(Map<String, Double> parameters) {
        if (this != SCORE) {
            parameters.put(PARAMETER, code);
        }
    }

    /** The score as it is compared; NaN where it is unobserved, also where the answer is wrong (NaN times 0 is NaN). */
    double score(Observation o) {
        return this == NONE ? o.guideline() : o.guideline() * o.accuracy() * o.format();
    }

    /** Whether the score is compared with others at all. */
    boolean compares(Observation o) {
        boolean observed = !Double.isNaN(score(o));
        return observed && (this != RIGHT || o.accuracy() * o.format() > 0);
    }
}
