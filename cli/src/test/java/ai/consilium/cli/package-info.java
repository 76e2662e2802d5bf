/** Tests of what the command line decides by itself; whole commands are tried in {@code tests}. */
@NullMarked
package ai.consilium.cli;

import org.jspecify.annotations.NullMarked;
