/** Metrics as TensorBoard's event files. */
@NullMarked
package ai.consilium.tracking.tensorboard;

import org.jspecify.annotations.NullMarked;
