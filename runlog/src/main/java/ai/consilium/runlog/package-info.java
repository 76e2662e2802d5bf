/** Reads the log of a finished or running run and accounts for what is in it. */
@NullMarked
package ai.consilium.runlog;

import org.jspecify.annotations.NullMarked;
