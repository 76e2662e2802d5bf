/** Several runs over each other: the curves of each, live or ended, on one page. */
@NullMarked
package ai.consilium.monitor.overlay;

import org.jspecify.annotations.NullMarked;
