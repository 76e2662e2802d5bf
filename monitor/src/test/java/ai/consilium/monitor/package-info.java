/** Tests of the picture by hand-made records, and of the page over HTTP on a real broker. */
@NullMarked
package ai.consilium.monitor;

import org.jspecify.annotations.NullMarked;
