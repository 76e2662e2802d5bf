/** Tests of the report: what is chosen for it, and how large it may be. */
@NullMarked
package ai.consilium.monitor.report;

import org.jspecify.annotations.NullMarked;
