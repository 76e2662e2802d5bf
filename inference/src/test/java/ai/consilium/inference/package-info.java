/** Encoding and judging against a small random model; the figures against published numbers. */
@NullMarked
package ai.consilium.inference;

import org.jspecify.annotations.NullMarked;
