/** The embedded broker and registry as Confluent's own client sees them. */
@NullMarked
package ai.consilium.platform.embedded;

import org.jspecify.annotations.NullMarked;
