/** Looks at a whole directory of cases before anything is trained on it, and names everything that is wrong with it. */
@NullMarked
package ai.consilium.cases.check;

import org.jspecify.annotations.NullMarked;
