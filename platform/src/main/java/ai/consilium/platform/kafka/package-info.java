/** Every Kafka client, reader and writer of the system, made in one place. */
@NullMarked
package ai.consilium.platform.kafka;

import org.jspecify.annotations.NullMarked;
