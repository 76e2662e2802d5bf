/** The whole configuration. */
@NullMarked
package ai.consilium.cli.config;

import org.jspecify.annotations.NullMarked;
