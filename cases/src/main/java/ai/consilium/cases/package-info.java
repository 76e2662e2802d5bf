/** What a medical case is, how it is read, asked, and graded. */
@NullMarked
package ai.consilium.cases;

import org.jspecify.annotations.NullMarked;
