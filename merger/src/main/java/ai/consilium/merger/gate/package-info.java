/** Decides on validation cases whether a merged agent is published. */
@NullMarked
package ai.consilium.merger.gate;

import org.jspecify.annotations.NullMarked;
