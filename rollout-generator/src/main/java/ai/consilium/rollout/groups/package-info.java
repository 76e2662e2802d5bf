/** Ids of groups, a month's worth in little memory. */
@NullMarked
package ai.consilium.rollout.groups;

import org.jspecify.annotations.NullMarked;
