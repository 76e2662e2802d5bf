/** Which of a run's learners trains which policy: a lease for each, on the log. */
@NullMarked
package ai.consilium.learner.lease;

import org.jspecify.annotations.NullMarked;
