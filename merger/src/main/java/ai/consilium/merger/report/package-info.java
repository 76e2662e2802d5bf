/** What a merge leaves in the run directory for people to look at. */
@NullMarked
package ai.consilium.merger.report;

import org.jspecify.annotations.NullMarked;
