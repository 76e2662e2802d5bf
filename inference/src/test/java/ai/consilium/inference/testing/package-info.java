/** A small random policy for the tests of every module that puts cases before one. */
@NullMarked
package ai.consilium.inference.testing;

import org.jspecify.annotations.NullMarked;
