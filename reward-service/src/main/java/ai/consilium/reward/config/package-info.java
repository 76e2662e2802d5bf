/** The configuration section reward. */
@NullMarked
package ai.consilium.reward.config;

import org.jspecify.annotations.NullMarked;
