package ai.consilium.policy.adapter;

import java.util.Locale;

/**
 * Whether sampling adds an adapter's update to a copy of the decoder's matrices, which is fastest and takes their memory once
 * more for each adapter, or multiplies it beside the shared base.
 *
 * @param copies adapters that are sampled with by turns: so many copies stay for the next turn
 * @param roomBytes memory that {@link Mode#AUTO} may fill with them
 */
public record Folding(Mode mode, int copies, long roomBytes) {
    /** One that folds whatever it takes, as small models do. */
    public static final Folding ALWAYS = new Folding(Mode.ALWAYS, 8, Long.MAX_VALUE);

    /** When to fold. */
    public enum Mode {
        AUTO,
        ALWAYS,
        NEVER;

        /** By its name in configuration. @throws IllegalArgumentException naming those that there are */
        public static Mode named(String name) {
            for (Mode mode : values()) {
                if (mode.label().equals(name)) {
                    return mode;
                }
            }
            throw new IllegalArgumentException("fold must be auto, always or never, not '" + name + "'");
        }

        /** Its name in configuration. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Checks the range. */
    public Folding {
        if (copies < 1) {
            throw new IllegalArgumentException("copies must be at least 1");
        }
    }

    /**
     * Whether copies are made: all that are needed, or none. Some would be made anew with every turn.
     *
     * @param copyBytes of one
     * @param sharedBytes of what all copies share
     */
    public boolean folds(long copyBytes, long sharedBytes) {
        return switch (mode) {
            case ALWAYS -> true;
            case NEVER -> false;
            case AUTO -> copies * copyBytes + sharedBytes <= roomBytes;
        };
    }
}
