/** Puts a checkpoint on the log in one transaction. */
@NullMarked
package ai.consilium.learner.publish;

import org.jspecify.annotations.NullMarked;
