/** Which scorers decide on a trajectory, by the configuration that its prompt was stamped with. */
@NullMarked
package ai.consilium.reward.decision;

import org.jspecify.annotations.NullMarked;
