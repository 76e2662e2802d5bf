/** The dead letters of a run, and the records that they are about. */
@NullMarked
package ai.consilium.runlog.letters;

import org.jspecify.annotations.NullMarked;
