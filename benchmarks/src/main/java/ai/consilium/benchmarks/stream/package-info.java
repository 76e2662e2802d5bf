/** Measures what runs over the log: the advantage stream on synthetic groups, a scheduler's history, adapters. */
@NullMarked
package ai.consilium.benchmarks.stream;

import org.jspecify.annotations.NullMarked;
