/** Tests of scoring: rubrics by hand-worked cases, remote scorers against a real server, the loop on a real broker. */
@NullMarked
package ai.consilium.reward;

import org.jspecify.annotations.NullMarked;
