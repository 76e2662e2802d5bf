/** What one specialty's learner needs. */
@NullMarked
package ai.consilium.learner.context;

import org.jspecify.annotations.NullMarked;
