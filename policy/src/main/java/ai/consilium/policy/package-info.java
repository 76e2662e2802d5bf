/** The policy's public face: models, adapters, sampling and training, without Kafka. Only what lies below touches DJL. */
@NullMarked
package ai.consilium.policy;

import org.jspecify.annotations.NullMarked;
