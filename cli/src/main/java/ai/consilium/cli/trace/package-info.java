/** The command trace: where a version, a group or a trajectory comes from, as a tree and for programs. */
@NullMarked
package ai.consilium.cli.trace;

import org.jspecify.annotations.NullMarked;
