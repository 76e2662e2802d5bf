package ai.consilium.policy.image;

import java.util.Optional;

/**
 * How pictures are read.
 *
 * @param maxPixels a larger picture is refused before it is decoded
 * @param window which part of more than 8 bits of brightness is shown; without one the whole range
 */
public record ImageSettings(long maxPixels, Optional<Window> window) {
    /**
     * A range of stored values: low and less is black, high and more is white, as with the window of a viewer of films.
     */
    public record Window(int low, int high) {
        /** @throws IllegalArgumentException unless low is less than high and both fit into 16 bits */
        public Window {
            if (!fits(low, high)) {
                throw new IllegalArgumentException("no window: " + low + " to " + high);
            }
        }

        /** Whether two values make a window. */
        public static boolean fits(int low, int high) {
            return low >= 0 && low < high && high <= 0xFFFF;
        }

        /** The byte that a stored value is shown as. */
        int shown(int value) {
            return (int) Math.round(255.0 * (Math.max(low, Math.min(high, value)) - low) / (high - low));
        }
    }

    /** Without a window. */
    public static ImageSettings of(long maxPixels) {
        return new ImageSettings(maxPixels, Optional.empty());
    }
}
