/**
 * The merger service: integrates the experts into one unified agent (docs/algorithms.md, Merging) when every specialty is
 * finished.
 */
@NullMarked
package ai.consilium.merger;

import org.jspecify.annotations.NullMarked;
