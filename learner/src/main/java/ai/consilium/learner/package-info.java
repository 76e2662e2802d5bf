/**
 * Trains one LoRA expert per specialty: domain-specific adaptation, then policy gradient on the groups that the stream
 * delivers. Its own module because it alone changes weights, and because it promises that no gradient is lost or doubled:
 * everything a step leaves behind is one atomic checkpoint, written before the version is published.
 */
@NullMarked
package ai.consilium.learner;

import org.jspecify.annotations.NullMarked;
