/** The scoring configuration of a run: built, hashed and published once. */
@NullMarked
package ai.consilium.reward.plan;

import org.jspecify.annotations.NullMarked;
