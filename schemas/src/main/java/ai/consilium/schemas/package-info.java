/** The records on the wire (generated from {@code src/main/avro}) and {@link ai.consilium.schemas.Topics}, the one catalogue. */
@NullMarked
package ai.consilium.schemas;

import org.jspecify.annotations.NullMarked;
