package ai.consilium.platform.config;

/**
 * Checks for the constructors of configuration records. A message begins with the key as it is spelt in YAML: {@link
 * ConfigLoader} puts the section before it and reports the key's line.
 */
public final class Require {
    /** @throws IllegalArgumentException with the message, unless the condition holds */
    public static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    /** @throws IllegalArgumentException naming key, bound and value, when the value is below the bound */
    public static void requireAtLeast(String key, long least, long value) {
        require(value >= least, key + " must be at least " + least + ", not " + value);
    }

    private Require() {}
}
