/** Names what a run starves of: rules over what its log and its heartbeats tell, and where their symptoms are told. */
@NullMarked
package ai.consilium.monitor.watchdog;

import org.jspecify.annotations.NullMarked;
