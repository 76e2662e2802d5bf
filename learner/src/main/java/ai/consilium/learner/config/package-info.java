/** Configuration of the learners. */
@NullMarked
package ai.consilium.learner.config;

import org.jspecify.annotations.NullMarked;
