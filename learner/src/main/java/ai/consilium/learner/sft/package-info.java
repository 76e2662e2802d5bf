/** The supervised start: domain-specific adaptation. */
@NullMarked
package ai.consilium.learner.sft;

import org.jspecify.annotations.NullMarked;
