/** Losses, gradients and AdamW for LoRA adapters. */
@NullMarked
package ai.consilium.policy.training;

import org.jspecify.annotations.NullMarked;
