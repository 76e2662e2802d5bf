/** Which case next, and how many groups may be in flight. */
@NullMarked
package ai.consilium.rollout.scheduler;

import org.jspecify.annotations.NullMarked;
