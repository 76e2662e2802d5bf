/** Scorers behind HTTP. */
@NullMarked
package ai.consilium.reward.scorer.http;

import org.jspecify.annotations.NullMarked;
