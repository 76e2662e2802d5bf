/** Types of scorers from a directory of plug-ins, each with a class loader of its own. */
@NullMarked
package ai.consilium.reward.plugin;

import org.jspecify.annotations.NullMarked;
