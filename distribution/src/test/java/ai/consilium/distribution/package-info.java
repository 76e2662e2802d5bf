/** What a user meets who unpacks the distribution archive: it is tested as a file, with the tools that the user has. */
@NullMarked
package ai.consilium.distribution;

import org.jspecify.annotations.NullMarked;
