/** Resolves the cases that records name by file, hash and id. */
@NullMarked
package ai.consilium.cases.dataset;

import org.jspecify.annotations.NullMarked;
