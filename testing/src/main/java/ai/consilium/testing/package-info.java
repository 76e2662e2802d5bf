/** Shared by the tests of several modules: the embedded cluster, sample records, a tiny policy. */
@NullMarked
package ai.consilium.testing;

import org.jspecify.annotations.NullMarked;
