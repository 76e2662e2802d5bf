/** What a published version was made from, derived from a run's log alone: the same log gives the same bytes. */
@NullMarked
package ai.consilium.runlog.lineage;

import org.jspecify.annotations.NullMarked;
