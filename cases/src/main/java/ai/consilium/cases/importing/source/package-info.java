/** Public data sets and tables as their publishers lay them out: each row becomes a case, or is left out with a reason. */
@NullMarked
package ai.consilium.cases.importing.source;

import org.jspecify.annotations.NullMarked;
