/** The command {@code ablate}: the same run with one thing different, over seeds, side by side. */
@NullMarked
package ai.consilium.cli.ablation;

import org.jspecify.annotations.NullMarked;
