package ai.consilium.platform.run;

/** Names of the labels of run events. They are on the logs of existing runs: none changes its meaning. */
public final class EventLabels {
    /** The phase that begins or that an event belongs to, one of {@link Phases}; without a specialty, the whole run's. */
    public static final String PHASE = "phase";
    /** The specialty that an event is about, and it only. */
    public static final String SPECIALTY = "specialty";
    /** The policy version that was published. */
    public static final String VERSION = "version";
    /** Id of the group that was refused. */
    public static final String GROUP = "group";
    /** How that group ended. */
    public static final String OUTCOME = "outcome";
    /** The experts that a merge is about, with their versions. */
    public static final String EXPERTS = "experts";
    /** What kind of cases the run learns from. */
    public static final String CASES = "cases";

    /** What the run was told to do: a {@link RunControl#label}. */
    public static final String CONTROL = "control";

    /** How many training cases the run draws on. */
    public static final String EDITION_CASES = "edition_cases";

    /** The round since which it draws on them, from 1. */
    public static final String EDITION_ROUND = "edition_round";

    /** Why what became of the training file is not taken in. */
    public static final String EDITION_REFUSED = "edition_refused";

    private EventLabels() {}
}
