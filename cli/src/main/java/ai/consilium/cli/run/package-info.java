/** What runs are assembled of, and a role in a process of its own. */
@NullMarked
package ai.consilium.cli.run;

import org.jspecify.annotations.NullMarked;
