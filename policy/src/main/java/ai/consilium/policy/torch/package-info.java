/** The only door to DJL and libtorch: script modules from text, tensors with an owner, grad mode. Knows no model. */
@NullMarked
package ai.consilium.policy.torch;

import org.jspecify.annotations.NullMarked;
