/**
 * The monitor service: follows a run's topics and shows its state on a live page. Nothing depends on it; a restart reads the
 * log again.
 */
@NullMarked
package ai.consilium.monitor;

import org.jspecify.annotations.NullMarked;
