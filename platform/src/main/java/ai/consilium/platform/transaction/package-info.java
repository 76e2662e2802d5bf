/** Finds transactions that hang on a run's partitions and ends them as their coordinator had decided. */
@NullMarked
package ai.consilium.platform.transaction;

import org.jspecify.annotations.NullMarked;
