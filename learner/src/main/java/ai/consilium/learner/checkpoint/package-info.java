/** Atomic checkpoints. */
@NullMarked
package ai.consilium.learner.checkpoint;

import org.jspecify.annotations.NullMarked;
