/** Held-out accuracy, its intervals and paired comparisons. */
@NullMarked
package ai.consilium.evaluation;

import org.jspecify.annotations.NullMarked;
