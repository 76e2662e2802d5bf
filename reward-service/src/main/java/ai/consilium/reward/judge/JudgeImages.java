package ai.consilium.reward.judge;

/** Whether a judge is shown the images of cases. */
public enum JudgeImages {
    /** Where it takes them; one that says that it cannot see judges by text alone. */
    AUTO,
    /** A judge that does not take them gives no score. */
    ALWAYS,
    NEVER
}
