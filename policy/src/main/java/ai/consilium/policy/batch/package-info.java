/** Packed batches of prompts and completions. */
@NullMarked
package ai.consilium.policy.batch;

import org.jspecify.annotations.NullMarked;
