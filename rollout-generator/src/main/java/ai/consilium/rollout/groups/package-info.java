/** Groups by the million: their ids in little memory, and how large their records become. */
@NullMarked
package ai.consilium.rollout.groups;

import org.jspecify.annotations.NullMarked;
