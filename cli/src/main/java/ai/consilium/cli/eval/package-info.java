/** Evaluates a model and its adapters on case files, prediction by prediction, so that it can be resumed. */
@NullMarked
package ai.consilium.cli.eval;

import org.jspecify.annotations.NullMarked;
