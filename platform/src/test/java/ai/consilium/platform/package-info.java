/** Threads, stalls, health and the run directory. */
@NullMarked
package ai.consilium.platform;

import org.jspecify.annotations.NullMarked;
