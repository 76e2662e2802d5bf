/** The command cases and what is below it. */
@NullMarked
package ai.consilium.cli.command.cases;

import org.jspecify.annotations.NullMarked;
