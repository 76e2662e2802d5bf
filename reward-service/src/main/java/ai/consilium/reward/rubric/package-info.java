/** Rubrics: YAML files of weighted criteria over normalized reasoning. */
@NullMarked
package ai.consilium.reward.rubric;

import org.jspecify.annotations.NullMarked;
