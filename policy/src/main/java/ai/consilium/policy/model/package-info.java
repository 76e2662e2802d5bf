/** A model directory and the weights that are loaded from it. */
@NullMarked
package ai.consilium.policy.model;

import org.jspecify.annotations.NullMarked;
