/**
 * The learner service: one LoRA expert per specialty, from the supervised start to the last step. A module of its own because
 * it alone changes weights and promises that no gradient is lost or doubled.
 */
@NullMarked
package ai.consilium.learner;

import org.jspecify.annotations.NullMarked;
