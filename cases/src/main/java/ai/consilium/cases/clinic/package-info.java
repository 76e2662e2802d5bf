/**
 * The simulated clinic: cases whose latent findings determine image, text and label by published rules, so that every
 * guideline can be checked without a judge.
 */
@NullMarked
package ai.consilium.cases.clinic;

import org.jspecify.annotations.NullMarked;
