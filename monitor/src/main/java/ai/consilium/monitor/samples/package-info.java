/** The sample browser: which groups there are, in bounded memory, and what was sampled, read from the log when it is asked for. */
@NullMarked
package ai.consilium.monitor.samples;

import org.jspecify.annotations.NullMarked;
