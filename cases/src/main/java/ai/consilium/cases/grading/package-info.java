/** Extracts a completion's answer and grades it. */
@NullMarked
package ai.consilium.cases.grading;

import org.jspecify.annotations.NullMarked;
