/** Serves the page and its stream of events. */
@NullMarked
package ai.consilium.monitor.web;

import org.jspecify.annotations.NullMarked;
