/** What the tiny model is pretrained on: seeing, reading, comparing; no diagnosis. */
@NullMarked
package ai.consilium.cases.lessons;

import org.jspecify.annotations.NullMarked;
