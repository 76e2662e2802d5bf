/** Tests of the merger. */
@NullMarked
package ai.consilium.merger;

import org.jspecify.annotations.NullMarked;
