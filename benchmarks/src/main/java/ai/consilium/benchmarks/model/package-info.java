/** Workloads for sampling and training, and the files a peer needs to run the same. */
@NullMarked
package ai.consilium.benchmarks.model;

import org.jspecify.annotations.NullMarked;
