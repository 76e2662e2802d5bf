/** What examinations while training have come to, by the log. */
@NullMarked
package ai.consilium.platform.examination;

import org.jspecify.annotations.NullMarked;
