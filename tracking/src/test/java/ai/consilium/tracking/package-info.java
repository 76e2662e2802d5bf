@NullMarked
package ai.consilium.tracking;

import org.jspecify.annotations.NullMarked;
