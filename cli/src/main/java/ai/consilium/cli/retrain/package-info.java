/** The command rescore --train: learners fed with what another run sampled, as other scorers judge it. */
@NullMarked
package ai.consilium.cli.retrain;

import org.jspecify.annotations.NullMarked;
