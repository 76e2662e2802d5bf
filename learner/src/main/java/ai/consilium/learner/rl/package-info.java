/** Batches of groups for a policy-gradient step. */
@NullMarked
package ai.consilium.learner.rl;

import org.jspecify.annotations.NullMarked;
