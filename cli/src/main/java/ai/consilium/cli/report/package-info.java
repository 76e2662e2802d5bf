/** The table of results. */
@NullMarked
package ai.consilium.cli.report;

import org.jspecify.annotations.NullMarked;
