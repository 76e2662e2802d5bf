/** The entry point of the command line. */
@NullMarked
package ai.consilium.cli;

import org.jspecify.annotations.NullMarked;
