package ai.consilium.policy.input;

import ai.consilium.policy.ModelException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** An image of 8-bit red, green and blue; values are [height, width, 3]. */
record RgbImage(int width, int height, byte[] values) {
    /** Fraction bits of the resampling weights, as Pillow's 8-bit path has. */
    private static final int PRECISION = 22;

    /** Four samples of 16 bits, not compressed. */
    private static final int MOST_BYTES_A_PIXEL = 8;

    private static final int HEADER_BYTES = 1 << 20;

    /**
     * Decodes a PNG or JPEG; grey becomes RGB, what is transparent shows white.
     *
     * @throws ModelException naming the file, when there is none or it holds no such picture
     * @throws UncheckedIOException when it cannot be read now, which says nothing of what it holds
     */
    static RgbImage read(Path file, long mostPixels) {
        if (!Files.isRegularFile(file)) {
            throw new ModelException(file + ": no such image");
        }
        byte[] bytes = bytes(file, mostPixels);
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new ModelException(file + ": not a PNG or JPEG image");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in);
                long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
                if (pixels > mostPixels) {
                    throw new ModelException(
                            file + ": " + pixels + " pixels; images.max_pixels allows at most " + mostPixels);
                }
                return of(reader.read(0));
            } finally {
                reader.dispose();
            }
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new ModelException(file + ": cannot be decoded: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(Path file, long mostPixels) {
        try {
            long size = Files.size(file);
            if (size > mostPixels * MOST_BYTES_A_PIXEL + HEADER_BYTES) {
                throw new ModelException(
                        file + ": " + size + " bytes are more than a picture of images.max_pixels can have");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Grey is read from the raster: Java's own conversion would treat it as linear light and brighten it. */
    static RgbImage of(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        Raster raster = image.getRaster();
        boolean grey = raster.getNumBands() <= 2 && !(image.getColorModel() instanceof IndexColorModel);
        int excess = Math.max(0, raster.getSampleModel().getSampleSize(0) - 8);
        boolean clear = image.getColorModel().hasAlpha();
        byte[] values = new byte[width * height * 3];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int argb = image.getRGB(x, y);
                int level = grey ? raster.getSample(x, y, 0) >> excess : 0;
                int opacity = clear ? argb >>> 24 : 255;
                for (int shift = 16; shift >= 0; shift -= 8) {
                    int value = grey ? level : argb >> shift & 0xff;
                    values[at++] = (byte) ((value * opacity + 255 * (255 - opacity) + 127) / 255);
                }
            }
        }
        return new RgbImage(width, height, values);
    }

    /** A value in 0..255. */
    int value(int x, int y, int channel) {
        return values[(y * width + x) * 3 + channel] & 0xff;
    }

    /** Bicubic with antialiasing, across and then down, rounded to bytes between, as Pillow does. */
    RgbImage resize(int newWidth, int newHeight) {
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
