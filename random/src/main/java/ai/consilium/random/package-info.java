/** Named streams of randomness: every draw of a run follows from a seed and a name, never from what was drawn before. */
@NullMarked
package ai.consilium.random;

import org.jspecify.annotations.NullMarked;
