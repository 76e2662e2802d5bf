/** What it brings that several learners compute a step together. */
@NullMarked
package ai.consilium.benchmarks.steps;

import org.jspecify.annotations.NullMarked;
