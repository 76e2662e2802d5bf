/** The command status: how far a run is, for people and for programs. */
@NullMarked
package ai.consilium.cli.status;

import org.jspecify.annotations.NullMarked;
