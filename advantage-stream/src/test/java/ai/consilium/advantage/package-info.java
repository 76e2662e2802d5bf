/** Tests of the arithmetic, the topology on a driver, and the service on a real broker. */
@NullMarked
package ai.consilium.advantage;

import org.jspecify.annotations.NullMarked;
