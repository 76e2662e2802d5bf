/** Which adapter versions a run has published. */
@NullMarked
package ai.consilium.learner.lineage;

import org.jspecify.annotations.NullMarked;
