package ai.consilium.policy.image;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.image.ImageSettings.Window;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Optional;

/** An image of 8-bit red, green and blue; values are [height, width, 3]. */
public record RgbImage(int width, int height, byte[] values) {
    /** Fraction bits of the resampling weights, as Pillow's 8-bit path has. */
    private static final int PRECISION = 22;

    /** Of the range of more than 8 bits a picture uses at least this part: a quarter is what 14 bits are of 16. */
    private static final int LEAST_RANGE = 4;

    private static final double STRANGEST_ASPECT = 200;

    /** An image in memory, whole range. */
    public static RgbImage of(BufferedImage image) {
        return of(image, Optional.empty(), "picture");
    }

    /**
     * Grey is read from the raster: Java's own conversion would treat it as linear light and brighten it.
     *
     * @param window of stored values of more than 8 bits
     * @param name for errors
     * @throws ModelException when without a window next to nothing would be seen
     */
    static RgbImage of(BufferedImage image, Optional<Window> window, String name) {
        int width = image.getWidth();
        int height = image.getHeight();
        Raster raster = image.getRaster();
        boolean indexed = image.getColorModel() instanceof IndexColorModel;
        boolean grey = raster.getNumBands() <= 2 && !indexed;
        int excess = Math.max(0, raster.getSampleModel().getSampleSize(0) - 8);
        boolean clear = image.getColorModel().hasAlpha();
        boolean deep = excess > 0 && !indexed;
        if (deep && window.isEmpty()) {
            requireRange(raster, clear, name);
        }
        Window shown = deep ? window.orElse(null) : null;
        byte[] values = new byte[width * height * 3];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int argb = image.getRGB(x, y);
                int level = grey ? raster.getSample(x, y, 0) >> excess : 0;
                int opacity = clear ? argb >>> 24 : 255;
                for (int band = 0; band < 3; band++) {
                    int value = grey ? level : argb >> 16 - 8 * band & 0xff;
                    if (shown != null) {
                        value = shown.shown(raster.getSample(x, y, grey ? 0 : band));
                    }
                    values[at++] = (byte) ((value * opacity + 255 * (255 - opacity) + 127) / 255);
                }
            }
        }
        return new RgbImage(width, height, values);
    }

    /** A film of 12 bits in a file of 16 is black to the eye, and so to a model. */
    private static void requireRange(Raster raster, boolean clear, String name) {
        int bands = raster.getNumBands() - (clear ? 1 : 0);
        int least = Integer.MAX_VALUE;
        int most = 0;
        int[] row = new int[raster.getWidth()];
        for (int band = 0; band < bands; band++) {
            for (int y = 0; y < raster.getHeight(); y++) {
                for (int value : raster.getSamples(0, y, raster.getWidth(), 1, band, row)) {
                    least = Math.min(least, value);
                    most = Math.max(most, value);
                }
            }
        }
        int range = 1 << raster.getSampleModel().getSampleSize(0);
        if (most - least < range / LEAST_RANGE) {
            throw new ModelException(name + ": uses only the values " + least + " to " + most + " of 0 to "
                    + (range - 1)
                    + ", so next to nothing would be seen; choose a window, for example --set images.window=[" + least
                    + "," + Math.max(most, least + 1) + "], or export it with 8 bits");
        }
    }

    /**
     * Upright, as EXIF's orientation asks.
     *
     * @param orientation 1 to 8: 2 mirrors, 3 turns by half, 4 does both, 5 to 8 exchange rows and columns
     */
    RgbImage turned(int orientation) {
        if (orientation == Orientation.UPRIGHT) {
            return this;
        }
        boolean exchanged = orientation >= 5;
        boolean fromRight = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        boolean fromBelow = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        int wide = exchanged ? height : width;
        int high = exchanged ? width : height;
        byte[] turned = new byte[values.length];
        for (int y = 0; y < high; y++) {
            for (int x = 0; x < wide; x++) {
                int column = exchanged ? y : x;
                int row = exchanged ? x : y;
                int from = (fromBelow ? height - 1 - row : row) * width + (fromRight ? width - 1 - column : column);
                System.arraycopy(values, from * 3, turned, (y * wide + x) * 3, 3);
            }
        }
        return new RgbImage(wide, high, turned);
    }

    /** The same in memory of Java's. */
    BufferedImage buffered() {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, value(x, y, 0) << 16 | value(x, y, 1) << 8 | value(x, y, 2));
            }
        }
        return image;
    }

    /** @throws ModelException for a strip that no model of this architecture takes */
    public void requireAspect(String name) {
        if (Math.max(height, width) > STRANGEST_ASPECT * Math.min(height, width)) {
            throw new ModelException(name + ": " + width + " x " + height + " is too narrow; an aspect of at most "
                    + (int) STRANGEST_ASPECT + " is supported");
        }
    }

    /** A value in 0..255. */
    public int value(int x, int y, int channel) {
        return values[(y * width + x) * 3 + channel] & 0xff;
    }

    /** Bicubic with antialiasing, across and then down, rounded to bytes between, as Pillow does. */
    public RgbImage resize(int newWidth, int newHeight) {
        RgbImage across = newWidth == width ? this : resampled(newWidth, height, true);
        return newHeight == height ? across : across.resampled(newWidth, newHeight, false);
    }

    private RgbImage resampled(int newWidth, int newHeight, boolean across) {
        byte[] out = new byte[newWidth * newHeight * 3];
        Taps[] taps = across ? Taps.of(width, newWidth) : Taps.of(height, newHeight);
        for (int y = 0; y < newHeight; y++) {
            for (int x = 0; x < newWidth; x++) {
                Taps tap = taps[across ? x : y];
                for (int c = 0; c < 3; c++) {
                    long sum = 1L << (PRECISION - 1);
                    for (int i = 0; i < tap.weights().length; i++) {
                        int from = tap.first() + i;
                        sum += (long) tap.weights()[i] * (across ? value(from, y, c) : value(x, from, c));
                    }
                    out[(y * newWidth + x) * 3 + c] = (byte) Math.max(0, Math.min(255, sum >> PRECISION));
                }
            }
        }
        return new RgbImage(newWidth, newHeight, out);
    }

    /** Weights of the source pixels from {@code first} on that make one target pixel. */
    private record Taps(int first, int[] weights) {
        static Taps[] of(int from, int to) {
            double scale = (double) from / to;
            double stretch = Math.max(1, scale);
            double support = 2 * stretch;
            Taps[] taps = new Taps[to];
            for (int target = 0; target < to; target++) {
                double centre = (target + 0.5) * scale;
                int first = Math.max(0, (int) (centre - support + 0.5));
                int end = Math.min(from, (int) (centre + support + 0.5));
                double[] weights = new double[end - first];
                double sum = 0;
                for (int i = 0; i < weights.length; i++) {
                    weights[i] = cubic((i + first - centre + 0.5) / stretch);
                    sum += weights[i];
                }
                int[] fixed = new int[weights.length];
                for (int i = 0; i < fixed.length; i++) {
                    fixed[i] = (int) Math.round(weights[i] / sum * (1 << PRECISION));
                }
                taps[target] = new Taps(first, fixed);
            }
            return taps;
        }

        private static double cubic(double x) {
            double a = -0.5;
            double d = Math.abs(x);
            if (d < 1) {
                return ((a + 2) * d - (a + 3)) * d * d + 1;
            }
            return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
        }
    }
}
