/** The state of a run, folded from its records. */
@NullMarked
package ai.consilium.monitor.state;

import org.jspecify.annotations.NullMarked;
