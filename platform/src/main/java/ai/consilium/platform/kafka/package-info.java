/** Kafka clients, readers and writers, all created in one place. */
@NullMarked
package ai.consilium.platform.kafka;

import org.jspecify.annotations.NullMarked;
