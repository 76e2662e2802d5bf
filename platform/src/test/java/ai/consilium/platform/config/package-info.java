/** Configuration as a user meets it: what is accepted and what the refusals say. */
@NullMarked
package ai.consilium.platform.config;

import org.jspecify.annotations.NullMarked;
