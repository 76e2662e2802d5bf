/** Files of columns that Python's libraries write: numpy's arrays, Parquet, lists in text. */
@NullMarked
package ai.consilium.cases.importing.table;

import org.jspecify.annotations.NullMarked;
