/** Encodes a case as a prompt: text, image, positions. */
@NullMarked
package ai.consilium.inference.prompt;

import org.jspecify.annotations.NullMarked;
