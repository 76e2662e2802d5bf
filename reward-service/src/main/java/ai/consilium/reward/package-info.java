/**
 * Scores sampled trajectories: verifiable checks, guideline rubrics and remote scorers, by the scoring configuration
 * that the group's prompt was stamped with. Everything but {@code RewardLoop} and {@code PlanCatalogue} is free of Kafka.
 */
@NullMarked
package ai.consilium.reward;

import org.jspecify.annotations.NullMarked;
