/**
 * Integrates the experts into one unified agent (docs/algorithms.md, Merging). Kept apart from the learner because it
 * needs every specialty to be over, and because its arithmetic is on whole weight updates, in float64 on the host,
 * without tensors.
 */
@NullMarked
package ai.consilium.merger;

import org.jspecify.annotations.NullMarked;
