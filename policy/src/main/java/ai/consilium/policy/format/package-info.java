/** Safetensors files and tensors on the host. */
@NullMarked
package ai.consilium.policy.format;

import org.jspecify.annotations.NullMarked;
