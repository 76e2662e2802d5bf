/** Gradients of a group with little memory: the decoder layer by layer, its samples in slices. */
@NullMarked
package ai.consilium.policy.layerwise;

import org.jspecify.annotations.NullMarked;
