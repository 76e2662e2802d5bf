/**
 * The only access to DJL and libtorch: script modules built from source text, tensors with an owner, grad mode. Knows no
 * model.
 */
@NullMarked
package ai.consilium.policy.torch;

import org.jspecify.annotations.NullMarked;
