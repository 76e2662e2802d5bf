/** Tests of the learner. */
@NullMarked
package ai.consilium.learner;

import org.jspecify.annotations.NullMarked;
