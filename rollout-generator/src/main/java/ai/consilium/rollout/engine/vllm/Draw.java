package ai.consilium.rollout.engine.vllm;

import java.util.SortedSet;

/**
 * How completions of one prompt are drawn.
 *
 * @param completions so many, independent of each other
 * @param temperature divides the logits; 0 decodes greedily, one completion only
 * @param maxTokens longest completion
 * @param ends tokens that end a completion, themselves included; empty: every completion is as long as it may be
 * @param seed of the first completion; a server takes the next numbers for the others
 */
record Draw(int completions, double temperature, int maxTokens, SortedSet<Integer> ends, long seed) {}
