/** The command dead-letters: what could not be used, shown, and written to its topic again. */
@NullMarked
package ai.consilium.cli.letters;

import org.jspecify.annotations.NullMarked;
