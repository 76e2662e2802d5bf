/** English as clinicians and models write it: sentences, clauses, quantities, and what they state of findings. */
@NullMarked
package ai.consilium.reward.rubric.language;

import org.jspecify.annotations.NullMarked;
