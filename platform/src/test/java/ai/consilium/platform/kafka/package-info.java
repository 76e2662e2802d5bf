/** The clients against a real broker and registry. */
@NullMarked
package ai.consilium.platform.kafka;

import org.jspecify.annotations.NullMarked;
