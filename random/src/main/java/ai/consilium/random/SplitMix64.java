package ai.consilium.random;

/**
 * Numbers mixed from a seed and a place by the finaliser of SplitMix64 (Steele et al., 2014), cheap enough to be called
 * for every token. Pure; equal on every machine.
 */
public final class SplitMix64 {
    private static final long INCREMENT = 0x9E3779B97F4A7C15L;

    /** A seed that depends on every character of the names: the learner's, for its weights and the order of its traces. */
    public static long seed(long seed, String... names) {
        long mixed = seed;
        for (String name : names) {
            for (int i = 0; i < name.length(); i++) {
                mixed = finalise(mixed ^ name.charAt(i));
            }
            mixed = finalise(mixed + INCREMENT);
        }
        return mixed;
    }

    /**
     * Sampling noise of one token: what a sample draws depends on no other in its batch.
     *
     * @param seed of the group
     * @return uniform in [0, 1), a multiple of 2^-24
     */
    public static float uniform(long seed, int sample, int position) {
        long bits = next(next(next(seed) + sample) + position);
        return (bits >>> 40) * 0x1p-24f;
    }

    private static long next(long state) {
        return finalise(state + INCREMENT);
    }

    private static long finalise(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    private SplitMix64() {}
}
