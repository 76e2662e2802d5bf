/** One run of one process: its context, its directory, its events. */
@NullMarked
package ai.consilium.platform.run;

import org.jspecify.annotations.NullMarked;
