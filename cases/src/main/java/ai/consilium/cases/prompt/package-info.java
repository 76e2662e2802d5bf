/** How a case is written as a prompt, and as a trace to imitate. */
@NullMarked
package ai.consilium.cases.prompt;

import org.jspecify.annotations.NullMarked;
