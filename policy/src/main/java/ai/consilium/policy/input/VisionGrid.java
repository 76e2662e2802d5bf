package ai.consilium.policy.input;

import ai.consilium.policy.config.QwenConfig;
import java.util.stream.IntStream;

/** Shape of an image in patches. What the vision tower needs to know of it follows from this alone. */
public record VisionGrid(int frames, int rows, int columns) {
    private static final float UNSEEN = -1e9f;
    private static final double THETA = 10_000;

    public static VisionGrid of(ImageProcessor.Pixels image) {
        return new VisionGrid(image.gridT(), image.gridH(), image.gridW());
    }

    public int patches() {
        return frames * rows * columns;
    }

    /**
     * Angles [patches, head_dim] of the two-dimensional rotary embedding: a quarter of the head turns by row, a quarter by
     * column, and the other half repeats them.
     */
    public double[] angles(QwenConfig.Vision vision) {
        int half = vision.headDim() / 2;
        int quarter = half / 2;
        double[] angles = new double[patches() * 2 * half];
        for (int p = 0; p < patches(); p++) {
            MergeOrder.Place place = place(p, vision.merge());
            for (int i = 0; i < 2 * half; i++) {
                int place1 = i % half < quarter ? place.row() : place.column();
                angles[p * 2 * half + i] = place1 * (double) (float) Math.pow(THETA, -(i % quarter) * 2.0 / half);
            }
        }
        return angles;
    }

    /** Mask [patches, patches] that lets patches of one frame see each other. */
    public float[] frameMask() {
        return mask(IntStream.range(0, patches()).map(p -> p / (rows * columns)).toArray());
    }

    /** Mask [patches, patches] that lets patches of one window of one frame see each other. */
    public float[] windowMask(QwenConfig.Vision vision) {
        int side = Math.max(1, vision.window() / vision.merge() / vision.patch()) * vision.merge();
        int across = (columns + side - 1) / side;
        int down = (rows + side - 1) / side;
        int[] windows = IntStream.range(0, patches())
                .map(p -> {
                    MergeOrder.Place place = place(p, vision.merge());
                    int frame = p / (rows * columns);
                    return (frame * down + place.row() / side) * across + place.column() / side;
                })
                .toArray();
        return mask(windows);
    }

    private MergeOrder.Place place(int patch, int merge) {
        return MergeOrder.place(patch % (rows * columns), columns, merge);
    }

    private static float[] mask(int[] belongs) {
        float[] mask = new float[belongs.length * belongs.length];
        for (int i = 0; i < belongs.length; i++) {
            for (int j = 0; j < belongs.length; j++) {
                mask[i * belongs.length + j] = belongs[i] == belongs[j] ? 0 : UNSEEN;
            }
        }
        return mask;
    }
}
