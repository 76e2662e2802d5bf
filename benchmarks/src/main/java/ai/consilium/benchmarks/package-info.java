/** The command bench. Nothing of the product depends on it. */
@NullMarked
package ai.consilium.benchmarks;

import org.jspecify.annotations.NullMarked;
