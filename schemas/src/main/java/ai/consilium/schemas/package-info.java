/** The records (generated from src/main/avro) and {@link ai.consilium.schemas.Topics}, the one catalogue of topics. */
@NullMarked
package ai.consilium.schemas;

import org.jspecify.annotations.NullMarked;
