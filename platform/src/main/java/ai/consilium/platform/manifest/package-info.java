/** The manifest of a run: what all of its processes must agree on, published once and checked by each before it joins. */
@NullMarked
package ai.consilium.platform.manifest;

import org.jspecify.annotations.NullMarked;
