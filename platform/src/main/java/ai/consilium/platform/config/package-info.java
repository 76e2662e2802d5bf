/**
 * YAML, environment and command line to records that validate themselves: every problem is found in one go and named with
 * its key, file and line. Jackson's own binding stops at the first problem and does not know where a key stood.
 */
@NullMarked
package ai.consilium.platform.config;

import org.jspecify.annotations.NullMarked;
