package ai.consilium.random;

/**
 * Sampling noise as a pure function of (group seed, sample, position), by SplitMix64's finaliser (Steele et al., 2014):
 * what a sample draws depends on nobody who shares its batch.
 */
public final class SamplingNoise {
    private SamplingNoise() {}

    /** Uniform in [0, 1), a multiple of 2^-24. */
    public static float uniform(long seed, int sample, int position) {
        long bits = mix(mix(mix(seed) + sample) + position);
        return (bits >>> 40) * 0x1p-24f;
    }

    private static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
