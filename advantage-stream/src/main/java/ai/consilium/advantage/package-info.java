/**
 * Turns scored groups into advantages. The arithmetic ({@link ai.consilium.advantage.Estimator} and what it stands on)
 * knows nothing of Kafka; the topology around it decides when a group is whole, and that each is closed exactly once.
 */
@NullMarked
package ai.consilium.advantage;

import org.jspecify.annotations.NullMarked;
