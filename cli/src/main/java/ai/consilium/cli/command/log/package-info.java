/** Commands that read a run's log. */
@NullMarked
package ai.consilium.cli.command.log;

import org.jspecify.annotations.NullMarked;
