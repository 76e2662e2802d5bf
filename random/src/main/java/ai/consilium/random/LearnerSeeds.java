package ai.consilium.random;

/** Independent seeds of one run, by purpose and name. Pure; the same on every machine. */
public final class LearnerSeeds {
    /** A seed that depends on every character of the names. */
    public static long of(long run, String... names) {
        long seed = run;
        for (String name : names) {
            for (int i = 0; i < name.length(); i++) {
                seed = mix(seed ^ name.charAt(i));
            }
            seed = mix(seed + 0x9E3779B97F4A7C15L);
        }
        return seed;
    }

    /** The finaliser of SplitMix64 (Steele et al., 2014). */
    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    private LearnerSeeds() {}
}
