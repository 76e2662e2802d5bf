/**
 * Samples on vLLM servers. What a server says is checked before it is used, and that it samples what was published is measured:
 * see docs/VLLM.md.
 */
@NullMarked
package ai.consilium.rollout.engine.vllm;

import org.jspecify.annotations.NullMarked;
