/** A step that several processes compute: who takes which part, and what is sent of it. */
@NullMarked
package ai.consilium.policy.exchange;

import org.jspecify.annotations.NullMarked;
