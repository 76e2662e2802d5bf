package ai.consilium.cases.clinic;

/** How the simulated clinic writes the reasoning of its cases. */
public enum TraceStyle {
    /** In canonical words, as models/tiny writes. */
    WORDS,
    /** In sentences, for models that were trained on language. */
    SENTENCES
}
