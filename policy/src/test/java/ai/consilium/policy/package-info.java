/** Proofs of what the policy promises, on random models small enough to make in a moment. */
@NullMarked
package ai.consilium.policy;

import org.jspecify.annotations.NullMarked;
