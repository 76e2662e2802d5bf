package ai.consilium.policy.batch;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.input.PromptPositions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Several groups laid out for the decoder: prefixes [N, P] that are computed once, and samples [R, C] that each see their
 * group's prefix and themselves. A sample begins with its prompt's last token, so that there is always a place that
 * predicts its first token, however short its own instruction.
 *
 * @param prefix N rows, padded on the left
 * @param samples R rows
 * @param group [R] row of the sample's prefix
 * @param imageAt places in the flattened prefix tokens that image features fill, in the order of the images
 * @param next [R] position after the sample's last token
 */
public record PackedBatch(Rows prefix, Rows samples, long[] group, long[] imageAt, long[] next) {

    /** A prompt and what its samples add to it. */
    public record Group(EncodedPrompt prompt, List<int[]> additions) {}

    /**
     * Tokens with their positions.
     *
     * @param tokens [count, width]
     * @param positions [3, count, width]
     * @param valid [count, width], 1 where a token is and 0 where padding is
     */
    public record Rows(int count, int width, long[] tokens, long[] positions, float[] valid) {
        public static Rows empty(int count, int width) {
            int size = count * width;
            return new Rows(count, width, new long[size], new long[3 * size], new float[size]);
        }

        /** The rows {@code from} to {@code to}, of which only the first columns are taken. */
        public Rows part(int from, int to, int width) {
            Rows part = empty(to - from, width);
            for (int row = from; row < to; row++) {
                int source = row * this.width;
                int target = (row - from) * width;
                System.arraycopy(tokens, source, part.tokens, target, width);
                System.arraycopy(valid, source, part.valid, target, width);
                for (int axis = 0; axis < 3; axis++) {
                    System.arraycopy(
                            positions,
                            axis * count * this.width + source,
                            part.positions,
                            axis * part.count * width + target,
                            width);
                }
            }
            return part;
        }

        /** Columns of a row up to its last token. */
        public int length(int row) {
            int length = width;
            while (length > 0 && valid[row * width + length - 1] == 0) {
                length--;
            }
            return length;
        }

        private void put(int row, int column, int token, long time, long height, long across) {
            int at = row * width + column;
            tokens[at] = token;
            positions[at] = time;
            positions[count * width + at] = height;
            positions[2 * count * width + at] = across;
            valid[at] = 1;
        }
    }

    /**
     * How much a batch is, padding included.
     *
     * @param prompts N
     * @param promptTokens of the longest one
     * @param samples R, of all prompts
     * @param sampleTokens of the longest one
     */
    public record Shape(int prompts, int promptTokens, int samples, int sampleTokens) {
        /** Of groups as they will be laid out. */
        public static Shape of(List<Group> groups) {
            int p = 1;
            int c = 1;
            int r = 0;
            for (Group group : groups) {
                p = Math.max(p, group.prompt().tokens().length);
                c = Math.max(
                        c,
                        group.additions().stream()
                                .mapToInt(own -> own.length + 1)
                                .max()
                                .orElse(1));
                r += group.additions().size();
            }
            return new Shape(groups.size(), p, r, c);
        }

        /** Tokens to compute. */
        public long tokens() {
            return (long) prompts * promptTokens + (long) samples * sampleTokens;
        }
    }

    /**
     * Lays groups out.
     *
     * @param leftPadded whether samples end in the last column (to sample on) or begin in the first (to train)
     * @throws ModelException for a prompt without tokens, or that ends in an image
     */
    public static PackedBatch of(QwenConfig config, List<Group> groups, boolean leftPadded) {
        groups.forEach(group -> check(group.prompt(), config));
        Shape shape = Shape.of(groups);
        int p = Math.max(1, shape.promptTokens() - 1);
        int c = shape.sampleTokens();
        int r = shape.samples();
        PackedBatch batch = new PackedBatch(
                Rows.empty(groups.size(), p),
                Rows.empty(r, c),
                new long[r],
                imagePlaces(config, groups, p),
                new long[r]);
        int row = 0;
        for (int n = 0; n < groups.size(); n++) {
            PromptPositions positions = PromptPositions.of(groups.get(n).prompt(), config);
            batch.putPrefix(n, groups.get(n).prompt().tokens(), positions);
            for (int[] addition : groups.get(n).additions()) {
                int[] tokens = groups.get(n).prompt().tokens();
                batch.group[row] = n;
                batch.next[row] = positions.next() + addition.length;
                batch.putSample(row++, tokens[tokens.length - 1], addition, positions.next(), leftPadded);
            }
        }
        return batch;
    }

    private static void check(EncodedPrompt prompt, QwenConfig config) {
        int[] tokens = prompt.tokens();
        if (tokens.length == 0) {
            throw new ModelException("prompt has no tokens");
        }
        if (tokens[tokens.length - 1] == config.imageToken()) {
            throw new ModelException("prompt ends in an image; a token must follow");
        }
    }

    private static long[] imagePlaces(QwenConfig config, List<Group> groups, int p) {
        List<Long> places = new ArrayList<>();
        for (int n = 0; n < groups.size(); n++) {
            int[] tokens = groups.get(n).prompt().tokens();
            for (int i = 0; i < tokens.length; i++) {
                if (tokens[i] == config.imageToken()) {
                    places.add((long) n * p + p - (tokens.length - 1) + i);
                }
            }
        }
        return places.stream().mapToLong(Long::longValue).toArray();
    }

    private void putPrefix(int row, int[] tokens, PromptPositions positions) {
        int shift = prefix.width() - (tokens.length - 1);
        long[][] axes = positions.axes();
        for (int i = 0; i < tokens.length - 1; i++) {
            prefix.put(row, shift + i, tokens[i], axes[0][i], axes[1][i], axes[2][i]);
        }
    }

    private void putSample(int row, int last, int[] addition, long next, boolean leftPadded) {
        int shift = leftPadded ? samples.width() - addition.length - 1 : 0;
        samples.put(row, shift, last, next - 1, next - 1, next - 1);
        for (int i = 0; i < addition.length; i++) {
            long position = next + i;
            samples.put(row, shift + 1 + i, addition[i], position, position, position);
        }
    }

    /**
     * Splits items, in order, into chunks that need at most so many tokens each, padding included; one item alone may need more.
     *
     * @param packed an item as it is laid out
     */
    public static <T> List<List<T>> chunks(List<T> items, Function<T, Group> packed, int tokens) {
        return chunks(items, packed, shape -> shape.tokens() <= tokens);
    }

    /**
     * Splits items, in order, into chunks that fit; one item alone need not.
     *
     * @param packed an item as it is laid out
     */
    public static <T> List<List<T>> chunks(List<T> items, Function<T, Group> packed, Predicate<Shape> fits) {
        List<List<T>> chunks = new ArrayList<>();
        List<T> chunk = new ArrayList<>();
        List<Group> groups = new ArrayList<>();
        for (T item : items) {
            Group group = packed.apply(item);
            groups.add(group);
            if (groups.size() > 1 && !fits.test(Shape.of(groups))) {
                chunks.add(chunk);
                chunk = new ArrayList<>();
                groups = new ArrayList<>(List.of(group));
            }
            chunk.add(item);
        }
        if (!chunk.isEmpty()) {
            chunks.add(chunk);
        }
        return chunks;
    }
}
