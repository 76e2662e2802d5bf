/** A run as one page that needs nothing else: read from its log, drawn by the code of the live page. */
@NullMarked
package ai.consilium.monitor.report;

import org.jspecify.annotations.NullMarked;
