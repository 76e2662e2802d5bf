/** A group between its prompt and its close. No Kafka. */
@NullMarked
package ai.consilium.advantage.group;

import org.jspecify.annotations.NullMarked;
