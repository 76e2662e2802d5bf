/** Continuous batching: groups join and leave while others decode. */
@NullMarked
package ai.consilium.policy.sampling;

import org.jspecify.annotations.NullMarked;
