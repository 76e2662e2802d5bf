package ai.consilium.policy.format;

/**
 * A float32 tensor on the host.
 *
 * @param shape dimensions
 * @param values row-major
 */
public record HostTensor(long[] shape, float[] values) {}
