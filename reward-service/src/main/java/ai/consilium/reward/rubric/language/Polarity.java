package ai.consilium.reward.rubric.language;

/** Whether what is spoken of is said to be so. */
enum Polarity {
    AFFIRMED,
    DENIED,
    /** Asked, supposed, doubted or to be found out: said neither to be so nor not. */
    OPEN
}
