/** How remote scorers are asked: threads, rate, tries and breaker of each. */
@NullMarked
package ai.consilium.reward.lane;

import org.jspecify.annotations.NullMarked;
