/** Scorers that need no service: accuracy, format, rubrics. */
@NullMarked
package ai.consilium.reward.scorer.builtin;

import org.jspecify.annotations.NullMarked;
