/** Hyperparameters of a model, its LoRA targets and its arithmetic. */
@NullMarked
package ai.consilium.policy.config;

import org.jspecify.annotations.NullMarked;
