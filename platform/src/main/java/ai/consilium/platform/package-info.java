/** What every process needs before it speaks to Kafka: refusals for the user, ports, directory locks, loopback HTTP. */
@NullMarked
package ai.consilium.platform;

import org.jspecify.annotations.NullMarked;
