/** Assembles runs: all roles in one process, or one role in a process of its own. */
@NullMarked
package ai.consilium.cli.run;

import org.jspecify.annotations.NullMarked;
