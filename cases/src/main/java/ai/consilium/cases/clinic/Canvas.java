package ai.consilium.cases.clinic;

import java.awt.image.BufferedImage;
import java.util.Random;

/** A 32 × 32 RGB image under the brush. Coordinates in pixels from the top left, colours from 0 to 1. StrictMath only. */
public final class Canvas {
    public static final int SIDE = 32;

    /** A colour. */
    public record Tone(double red, double green, double blue) {
        public static Tone grey(double level) {
            return new Tone(level, level, level);
        }
    }

    /** [3][SIDE · SIDE], row-major. */
    private final double[][] planes = new double[3][SIDE * SIDE];

    public void fill(Tone tone) {
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                blend(x, y, 1, tone);
            }
        }
    }

    /** Mixes a colour into one pixel; outside the image nothing happens. */
    public void blend(int x, int y, double alpha, Tone tone) {
        if (x < 0 || y < 0 || x >= SIDE || y >= SIDE || alpha <= 0) {
            return;
        }
        double share = Math.min(1, alpha);
        int at = y * SIDE + x;
        planes[0][at] += share * (tone.red() - planes[0][at]);
        planes[1][at] += share * (tone.green() - planes[1][at]);
        planes[2][at] += share * (tone.blue() - planes[2][at]);
    }

    /** A filled ellipse whose edge fades over about {@code soft} of its radius. */
    public void ellipse(double cx, double cy, double rx, double ry, double soft, double alpha, Tone tone) {
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                double distance = StrictMath.hypot((x - cx) / rx, (y - cy) / ry);
                blend(x, y, alpha * Math.max(0, Math.min(1, (1 - distance) / soft + 0.5)), tone);
            }
        }
    }

    void disc(double cx, double cy, double radius, double alpha, Tone tone) {
        ellipse(cx, cy, radius, radius, 0.5, alpha, tone);
    }

    /** A line one to two pixels wide from a point in a direction. */
    void ray(double x, double y, double angle, double length, double alpha, Tone tone) {
        for (double at = 0; at <= length; at += 0.5) {
            int px = (int) StrictMath.round(x + at * StrictMath.cos(angle));
            int py = (int) StrictMath.round(y + at * StrictMath.sin(angle));
            blend(px, py, alpha, tone);
        }
    }

    /** What the camera adds: one shift of brightness for the image, and noise of its own for every pixel. */
    public void expose(Random random, double shift, double noise) {
        double offset = shift * random.nextGaussian();
        for (double[] plane : planes) {
            for (int at = 0; at < plane.length; at++) {
                plane[at] += offset + noise * random.nextGaussian();
            }
        }
    }

    public BufferedImage image() {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int at = 0; at < SIDE * SIDE; at++) {
            int rgb = level(planes[0][at]) << 16 | level(planes[1][at]) << 8 | level(planes[2][at]);
            image.setRGB(at % SIDE, at / SIDE, rgb);
        }
        return image;
    }

    private static int level(double value) {
        return (int) StrictMath.round(255 * Math.max(0, Math.min(1, value)));
    }
}
