/** Reads the topics of a run for those who show it. */
@NullMarked
package ai.consilium.monitor.reading;

import org.jspecify.annotations.NullMarked;
