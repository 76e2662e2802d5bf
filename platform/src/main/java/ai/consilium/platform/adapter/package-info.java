/** Published adapters: written and read in chunks. */
@NullMarked
package ai.consilium.platform.adapter;

import org.jspecify.annotations.NullMarked;
