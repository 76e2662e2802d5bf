/** Puts a run together: cluster, roles, models, results. */
@NullMarked
package ai.consilium.cli.run;

import org.jspecify.annotations.NullMarked;
