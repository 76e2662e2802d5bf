/**
 * The Qwen2.5-VL policy: models, adapters, sampling and training, without Kafka. Its packages depend on each other in one
 * direction only, and sampling and training not at all; this one holds what all of them throw.
 */
@NullMarked
package ai.consilium.policy;

import org.jspecify.annotations.NullMarked;
