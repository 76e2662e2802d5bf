/** Tests of the watchdog on a clock of their own, and on a real broker. */
@NullMarked
package ai.consilium.monitor.watchdog;

import org.jspecify.annotations.NullMarked;
