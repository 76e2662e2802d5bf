/**
 * The simulated clinic: cases whose latent findings drive image, text and label by published rules, so that every
 * guideline can be checked without a judge; and the label-free items that a tiny base model is pretrained on.
 */
@NullMarked
package ai.consilium.cases.clinic;

import org.jspecify.annotations.NullMarked;
