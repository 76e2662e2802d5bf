package ai.consilium.rollout.engine;

import ai.consilium.policy.adapter.Adapter;

/**
 * One version of a policy's adapter.
 *
 * @param policy its policy
 * @param version its policy version
 * @param hash SHA-256 of its tensors, checked: it names the content
 * @param adapter the tensors, in host memory; an engine in another process is sent them once
 */
public record AdapterVersion(String policy, long version, String hash, Adapter adapter) {}
