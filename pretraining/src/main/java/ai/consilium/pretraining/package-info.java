/** Makes the tiny base model that the default run starts from: it can see, read, compare and keep the format, and knows no diagnosis. */
@NullMarked
package ai.consilium.pretraining;

import org.jspecify.annotations.NullMarked;
