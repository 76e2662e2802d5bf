/** The command rescore: recorded trajectories scored again, and how the advantages would change. */
@NullMarked
package ai.consilium.cli.rescore;

import org.jspecify.annotations.NullMarked;
