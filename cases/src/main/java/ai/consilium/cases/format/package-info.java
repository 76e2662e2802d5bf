/** The case format: records, reading and writing JSONL, checks at the edge. */
@NullMarked
package ai.consilium.cases.format;

import org.jspecify.annotations.NullMarked;
