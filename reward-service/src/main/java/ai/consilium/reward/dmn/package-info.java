/** Decision tables of DMN: published rules that are edited in a modeler and run here. */
@NullMarked
package ai.consilium.reward.dmn;

import org.jspecify.annotations.NullMarked;
