/** How learners compute one step together: over the log, to the bit. */
@NullMarked
package ai.consilium.learner.exchange;

import org.jspecify.annotations.NullMarked;
