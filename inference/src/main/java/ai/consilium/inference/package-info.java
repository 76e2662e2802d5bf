/** Cases before a policy: encoding, greedy evaluation, intervals and paired comparisons. Shared by the roles that do so. */
@NullMarked
package ai.consilium.inference;

import org.jspecify.annotations.NullMarked;
