/** Rubrics: files of weighted criteria, over normalized reasoning or for a judge. */
@NullMarked
package ai.consilium.reward.rubric;

import org.jspecify.annotations.NullMarked;
