/** Where a version, a group or a trajectory of a run comes from and what became of it, by the run's log. */
@NullMarked
package ai.consilium.runlog.provenance;

import org.jspecify.annotations.NullMarked;
