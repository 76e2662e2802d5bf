/** How many bytes a model takes, by formulas: nothing is loaded, and nothing but shapes is known here. */
@NullMarked
package ai.consilium.policy.memory;

import org.jspecify.annotations.NullMarked;
