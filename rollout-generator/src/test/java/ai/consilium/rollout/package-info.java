/** Admission, order and records as pure functions; the two roles against a real broker. */
@NullMarked
package ai.consilium.rollout;

import org.jspecify.annotations.NullMarked;
