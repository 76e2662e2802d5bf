/** Versions as OpenLineage events. */
@NullMarked
package ai.consilium.tracking.openlineage;

import org.jspecify.annotations.NullMarked;
