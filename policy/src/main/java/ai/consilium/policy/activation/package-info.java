/** What the linear maps of a decoder are given, layer by layer. */
@NullMarked
package ai.consilium.policy.activation;

import org.jspecify.annotations.NullMarked;
