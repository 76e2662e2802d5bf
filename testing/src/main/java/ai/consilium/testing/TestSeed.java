package ai.consilium.testing;

/** The seed of what a test draws at random: {@code -Dconsilium.seed}, or a new one for each call. */
public final class TestSeed {
    private TestSeed() {}

    /** Printed with the test's name, so that a failure can be repeated. */
    public static long of(Class<?> test) {
        long seed = Long.getLong("consilium.seed", System.nanoTime());
        System.out.println(test.getSimpleName() + ": -Dconsilium.seed=" + seed);
        return seed;
    }
}
