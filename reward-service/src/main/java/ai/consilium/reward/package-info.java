/**
 * The reward service: scores trajectories by the scoring configuration that their prompt was stamped with. Kafka is known
 * here and to the reader of configurations only.
 */
@NullMarked
package ai.consilium.reward;

import org.jspecify.annotations.NullMarked;
