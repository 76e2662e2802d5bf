/** Takes prompts from a share group, samples, writes trajectories. */
@NullMarked
package ai.consilium.rollout.worker;

import org.jspecify.annotations.NullMarked;
