/** Makes the tiny base model of the default run: it can see, read, compare and keep the format, but knows no diagnosis. */
@NullMarked
package ai.consilium.pretraining;

import org.jspecify.annotations.NullMarked;
