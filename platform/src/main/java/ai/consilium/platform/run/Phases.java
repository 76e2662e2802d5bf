package ai.consilium.platform.run;

/**
 * Words for the phases of a run, as events, the live page, its JSON and timings.json show them. Two phases have two words, both of
 * which are in use: supervised training is {@link #DSA} in events and timings and {@link #ADAPTATION} on the page; the merge is
 * {@link #MERGING} while it is the phase of the run and {@link #MERGE} in its results and timings.
 */
public final class Phases {
    public static final String DSA = "dsa";
    public static final String ADAPTATION = "adaptation";
    public static final String REINFORCEMENT = "reinforcement";
    public static final String MERGING = "merging";
    public static final String MERGE = "merge";
    /** The merged experts are made one agent. */
    public static final String CONSOLIDATION = "consolidation";
    /** Of held-out cases, after the run. */
    public static final String EVALUATION = "evaluation";
    /** Longer supervised training, for comparison. */
    public static final String CONTROL = "control";
    /** A learner goes on from a checkpoint. */
    public static final String RESUMED = "resumed";
    /** A learner or the whole run is at its end. */
    public static final String FINISHED = "finished";
    /** A specialty has its last version. */
    public static final String FINAL = "final";

    private Phases() {}
}
