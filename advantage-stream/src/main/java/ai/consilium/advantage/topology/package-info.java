/** The Kafka Streams topology: stores, processor, outputs. */
@NullMarked
package ai.consilium.advantage.topology;

import org.jspecify.annotations.NullMarked;
