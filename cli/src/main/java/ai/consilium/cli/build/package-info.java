/** The command cases build: a teacher writes reasoning for cases that have none, and what is right is kept. */
@NullMarked
package ai.consilium.cli.build;

import org.jspecify.annotations.NullMarked;
