/** Readers of the log of a finished or running run; they write nothing, not even dead letters. */
@NullMarked
package ai.consilium.runlog;

import org.jspecify.annotations.NullMarked;
