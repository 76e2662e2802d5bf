/** In which order the cases of a specialty are drawn, epoch after epoch. */
@NullMarked
package ai.consilium.rollout.order;

import org.jspecify.annotations.NullMarked;
