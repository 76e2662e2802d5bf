/** Brings public data sets and tables into the case format: specialties, splits, and what is left out. */
@NullMarked
package ai.consilium.cases.importing;

import org.jspecify.annotations.NullMarked;
