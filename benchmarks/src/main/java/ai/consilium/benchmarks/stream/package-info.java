/** Measures the advantage stream on synthetic groups. */
@NullMarked
package ai.consilium.benchmarks.stream;

import org.jspecify.annotations.NullMarked;
