/** The threads that run tensors. */
@NullMarked
package ai.consilium.policy.compute;

import org.jspecify.annotations.NullMarked;
