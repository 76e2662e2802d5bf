/** Text and images as the model takes them: tokenizer, chat template, image processor, positions. */
@NullMarked
package ai.consilium.policy.input;

import org.jspecify.annotations.NullMarked;
