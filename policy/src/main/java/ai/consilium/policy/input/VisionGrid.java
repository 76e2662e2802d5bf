package ai.consilium.policy.input;

import ai.consilium.policy.config.QwenConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Shape of an image in patches. What the vision tower needs to know of it follows from this alone. */
public record VisionGrid(int frames, int rows, int columns) {
    private static final double THETA = 10_000;

    /**
     * How the patches of a frame are put so that those of a window lie together, windows of one size behind one another.
     *
     * @param order [patches of a frame] of their places in merge order; the patches that the merger joins stay together
     * @param spans pairs of a number of windows and the patches of each
     */
    public record Windows(long[] order, long[] spans) {
        /** Whether all patches already lie so. */
        public boolean inPlace() {
            return IntStream.range(0, order.length).allMatch(i -> order[i] == i);
        }

        /**
         * What puts merged patches back into merge order.
         *
         * @param merged patches that the merger joins
         * @return [patches of a frame / merged]
         */
        public long[] back(int merged) {
            long[] back = new long[order.length / merged];
            for (int i = 0; i < back.length; i++) {
                back[(int) order[i * merged] / merged] = i;
            }
            return back;
        }
    }

    public static VisionGrid of(ImageProcessor.Pixels image) {
        return new VisionGrid(image.gridT(), image.gridH(), image.gridW());
    }

    public int patches() {
        return frames * framePatches();
    }

    /** No patch sees one of another frame. */
    public int framePatches() {
        return rows * columns;
    }

    /**
     * Angles [patches of a frame, head_dim] of the two-dimensional rotary embedding, in an order of the patches: a quarter of
     * the head turns by row, a quarter by column, and the other half repeats them.
     */
    public double[] angles(QwenConfig.Vision vision, long[] order) {
        int half = vision.headDim() / 2;
        int quarter = half / 2;
        double[] frequencies = IntStream.range(0, quarter)
                .mapToDouble(i -> (float) Math.pow(THETA, -i * 2.0 / half))
                .toArray();
        double[] angles = new double[order.length * 2 * half];
        for (int p = 0; p < order.length; p++) {
            MergeOrder.Place place = MergeOrder.place((int) order[p], columns, vision.merge());
            for (int i = 0; i < 2 * half; i++) {
                int turns = i % half < quarter ? place.row() : place.column();
                angles[p * 2 * half + i] = turns * frequencies[i % half % quarter];
            }
        }
        return angles;
    }

    /** The windows of a frame, by their size and then their place. */
    public Windows windows(QwenConfig.Vision vision) {
        int side = Math.max(1, vision.window() / vision.merge() / vision.patch()) * vision.merge();
        int across = (columns + side - 1) / side;
        int down = (rows + side - 1) / side;
        List<List<Integer>> windows = new ArrayList<>();
        for (int i = 0; i < across * down; i++) {
            windows.add(new ArrayList<>());
        }
        for (int p = 0; p < framePatches(); p++) {
            MergeOrder.Place place = MergeOrder.place(p, columns, vision.merge());
            windows.get(place.row() / side * across + place.column() / side).add(p);
        }
        // Stable: windows of one size keep their order.
        windows.sort(Comparator.comparing(window -> -window.size()));
        List<Long> spans = new ArrayList<>();
        for (int i = 0; i < windows.size(); i++) {
            if (i == 0 || windows.get(i).size() != windows.get(i - 1).size()) {
                spans.add(0L);
                spans.add((long) windows.get(i).size());
            }
            int count = spans.size() - 2;
            spans.set(count, spans.get(count) + 1);
        }
        return new Windows(
                windows.stream()
                        .flatMap(List::stream)
                        .mapToLong(Integer::longValue)
                        .toArray(),
                spans.stream().mapToLong(Long::longValue).toArray());
    }
}
