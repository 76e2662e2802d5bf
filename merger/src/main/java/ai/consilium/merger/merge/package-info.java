/** Conflict-aware merging of weight updates. Pure. */
@NullMarked
package ai.consilium.merger.merge;

import org.jspecify.annotations.NullMarked;
