/** Files of JSON lines that are added to, and are whole after a kill. */
@NullMarked
package ai.consilium.tracking.lines;

import org.jspecify.annotations.NullMarked;
