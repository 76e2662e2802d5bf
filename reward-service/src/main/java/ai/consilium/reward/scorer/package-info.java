/** What a scorer is given and what it answers. */
@NullMarked
package ai.consilium.reward.scorer;

import org.jspecify.annotations.NullMarked;
