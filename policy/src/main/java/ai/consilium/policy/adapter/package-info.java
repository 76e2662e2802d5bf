/** LoRA adapters: on the host, on the device, merged into the base, as PEFT directories. */
@NullMarked
package ai.consilium.policy.adapter;

import org.jspecify.annotations.NullMarked;
