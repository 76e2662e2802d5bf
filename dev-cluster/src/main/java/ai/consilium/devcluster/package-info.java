/** An embedded Kafka broker and Confluent-protocol schema registry, for laptops and tests. */
@NullMarked
package ai.consilium.devcluster;

import org.jspecify.annotations.NullMarked;
