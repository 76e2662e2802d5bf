/** A whole run in one process, from the first check to the table, and what it ends with. */
@NullMarked
package ai.consilium.cli.train;

import org.jspecify.annotations.NullMarked;
