/** What a run's log says of its scorers, and changes of that. */
@NullMarked
package ai.consilium.cli.scorers;

import org.jspecify.annotations.NullMarked;
