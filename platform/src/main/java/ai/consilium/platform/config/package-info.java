/**
 * Binds YAML, environment and command line to records that validate themselves. Every problem is reported at once, with its
 * key, file and line; Jackson's own binding stops at the first and does not know where a key was set.
 */
@NullMarked
package ai.consilium.platform.config;

import org.jspecify.annotations.NullMarked;
