/** The subcommands. */
@NullMarked
package ai.consilium.cli.command;

import org.jspecify.annotations.NullMarked;
