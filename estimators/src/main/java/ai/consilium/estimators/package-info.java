/** Advantage estimators: pure arithmetic over one group. No Kafka, no clock, no threads. */
@NullMarked
package ai.consilium.estimators;

import org.jspecify.annotations.NullMarked;
