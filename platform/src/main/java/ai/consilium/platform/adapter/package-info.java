/** Adapters on the log: written and read in chunks, always checked against their hash. */
@NullMarked
package ai.consilium.platform.adapter;

import org.jspecify.annotations.NullMarked;
