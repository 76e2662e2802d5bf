/** The command scorers and what is below it. */
@NullMarked
package ai.consilium.cli.command.scorers;

import org.jspecify.annotations.NullMarked;
