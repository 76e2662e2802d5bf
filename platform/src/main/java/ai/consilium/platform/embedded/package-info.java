/** A real broker and a real schema registry inside this process, for a laptop, a test or {@code run dev-cluster}. */
@NullMarked
package ai.consilium.platform.embedded;

import org.jspecify.annotations.NullMarked;
