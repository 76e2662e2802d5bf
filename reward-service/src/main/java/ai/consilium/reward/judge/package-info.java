/** Judges: models behind OpenAI's chat protocol that say how far a completion meets a criterion in words. */
@NullMarked
package ai.consilium.reward.judge;

import org.jspecify.annotations.NullMarked;
