/** What the processes of a run will need of memory, told before anything is loaded. */
@NullMarked
package ai.consilium.cli.memory;

import org.jspecify.annotations.NullMarked;
