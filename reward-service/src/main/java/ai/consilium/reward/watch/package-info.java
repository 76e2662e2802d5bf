/** Rubric files that change while a run goes on. */
@NullMarked
package ai.consilium.reward.watch;

import org.jspecify.annotations.NullMarked;
