/** Sends what was written to services of others, which may be away. */
@NullMarked
package ai.consilium.tracking.remote;

import org.jspecify.annotations.NullMarked;
