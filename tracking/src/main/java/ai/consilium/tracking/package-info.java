/** Writes down, beside the run, what its log says: lineage files, metrics, and what trackers read. */
@NullMarked
package ai.consilium.tracking;

import org.jspecify.annotations.NullMarked;
