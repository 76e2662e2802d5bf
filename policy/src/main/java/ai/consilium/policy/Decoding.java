package ai.consilium.policy;

import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * One batch on its way from prompts to completions: prefill, then decode in short runs; between runs it heeds interrupts
 * and leaves rows that have ended behind.
 */
final class Decoding {
    private static final int RUN = 16;
    private static final float UNSEEN = -1e9f;

    private final PolicyModel model;
    private final PolicyModel.Weights weights;
    private final Sampler.Settings settings;
    private final int end;
    private final Scope scope;
    private final PackedBatch batch;
    private final List<EncodedPrompt> prompts;
    private final int capacity;
    private final List<Row> rows = new ArrayList<>();
    private Scope cacheScope;
    private Tensor cache;
    private Tensor mask;

    /** A sample: where its noise comes from and what it has so far. */
    private static final class Row {
        private final int index;
        private final long seed;
        private final int sample;
        private final int[] tokens;
        private final float[] logprobs;
        private int length;
        private boolean ended;

        Row(int index, long seed, int sample, int limit) {
            this.index = index;
            this.seed = seed;
            this.sample = sample;
            this.tokens = new int[limit];
            this.logprobs = new float[limit];
        }

        void add(int token, float logprob, int end) {
            if (!ended) {
                tokens[length] = token;
                logprobs[length++] = logprob;
                ended = token == end;
            }
        }

        Sampler.Completion completion() {
            return new Sampler.Completion(
                    java.util.Arrays.copyOf(tokens, length), java.util.Arrays.copyOf(logprobs, length), !ended);
        }
    }

    Decoding(
            PolicyModel model,
            PolicyModel.Weights weights,
            List<Sampler.Group> groups,
            Sampler.Settings settings,
            int end,
            Scope scope) {
        this.model = model;
        this.weights = weights;
        this.settings = settings;
        this.end = end;
        this.scope = scope;
        this.prompts = groups.stream().map(Sampler.Group::prompt).toList();
        this.batch = PackedBatch.of(
                model.config(),
                groups.stream()
                        .map(group -> new PackedBatch.Group(group.prompt(), group.instructions()))
                        .toList(),
                true);
        this.capacity = batch.prefix().width() + batch.samples().width() + settings.maxTokens();
        for (Sampler.Group group : groups) {
            for (int sample = 0; sample < group.instructions().size(); sample++) {
                rows.add(new Row(rows.size(), group.seed(), sample, settings.maxTokens()));
            }
        }
        this.cacheScope = Scope.open();
        this.mask = padding(rows);
        this.cache = mask;
    }

    List<Sampler.Completion> run() throws InterruptedException {
        try {
            List<Row> live = rows;
            first(prefill());
            for (int done = 1; done < settings.maxTokens() && live.stream().anyMatch(row -> !row.ended); ) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("sampling was interrupted");
                }
                live = compacted(live);
                done += decode(live, done);
            }
            return rows.stream().map(Row::completion).toList();
        } finally {
            cacheScope.close();
        }
    }

    /** @return logits [R, vocabulary] */
    private Tensor prefill() {
        DeviceBatch device = DeviceBatch.of(model, weights, prompts, batch, scope);
        List<Tensor> result = script().call(
                        scope,
                        "prefill",
                        device.embedded(),
                        device.valid(),
                        device.turned().cos(),
                        device.turned().sin(),
                        device.group(),
                        device.tokens(),
                        device.sampleValid(),
                        device.sampleTurned().cos(),
                        device.sampleTurned().sin(),
                        weights.decoder(),
                        capacity);
        cache = cacheScope.adopt(result.get(0));
        return result.get(1);
    }

    private void first(Tensor logits) {
        Tensor noise = scope.floats(noise(rows, 0, 1), rows.size());
        List<Tensor> chosen = script().call(scope, "choose", logits, noise, settings.temperature());
        take(rows, chosen, 1);
    }

    /** Decodes a run after {@code done} tokens. @return how many tokens it added */
    private int decode(List<Row> live, int done) {
        int count = live.size();
        int run = Math.min(RUN, settings.maxTokens() - done);
        long[] last = new long[count];
        long[] ended = new long[count];
        long[] positions = new long[3 * count * run];
        for (int r = 0; r < count; r++) {
            Row row = live.get(r);
            last[r] = row.ended ? end : row.tokens[row.length - 1];
            ended[r] = row.ended ? 1 : 0;
            for (int i = 0; i < 3 * run; i++) {
                positions[(i / run * count + r) * run + i % run] = batch.next()[row.index] + done - 1 + i % run;
            }
        }
        try (Scope step = Scope.open()) {
            DeviceBatch.Turned turned = DeviceBatch.turned(model, step, positions, count, run);
            List<Tensor> chosen = script().call(
                            step,
                            "decode",
                            step.longs(last, count),
                            step.longs(ended, count),
                            weights.decoder(),
                            cache,
                            mask,
                            turned.cos(),
                            turned.sin(),
                            step.floats(noise(live, done, run), count, run),
                            batch.prefix().width() + batch.samples().width() + done - 1,
                            settings.temperature(),
                            end);
            int added = (int) (chosen.get(0).size() / count);
            take(live, chosen, added);
            return added;
        }
    }

    /** Fewer than half left: their part of the cache goes on alone. */
    private List<Row> compacted(List<Row> live) {
        List<Row> left = live.stream().filter(row -> !row.ended).toList();
        if (2 * left.size() >= live.size()) {
            return live;
        }
        Scope smaller = Scope.open();
        long[] kept = left.stream().mapToLong(live::indexOf).toArray();
        cache = script().call(smaller, "compact", cache, smaller.longs(kept, kept.length))
                .get(0);
        cacheScope.close();
        cacheScope = smaller;
        mask = padding(left);
        return left;
    }

    private Tensor padding(List<Row> of) {
        int p = batch.prefix().width();
        int c = batch.samples().width();
        float[] values = new float[of.size() * capacity];
        for (int r = 0; r < of.size(); r++) {
            int index = of.get(r).index;
            int group = (int) batch.group()[index];
            for (int i = 0; i < p + c; i++) {
                float valid = i < p
                        ? batch.prefix().valid()[group * p + i]
                        : batch.samples().valid()[index * c + i - p];
                values[r * capacity + i] = valid > 0 ? 0 : UNSEEN;
            }
        }
        return cacheScope.floats(values, of.size(), 1, 1, capacity);
    }

    private static float[] noise(List<Row> of, int from, int count) {
        float[] noise = new float[of.size() * count];
        for (int r = 0; r < of.size(); r++) {
            for (int i = 0; i < count; i++) {
                noise[r * count + i] = Noise.uniform(of.get(r).seed, of.get(r).sample, from + i);
            }
        }
        return noise;
    }

    private void take(List<Row> of, List<Tensor> chosen, int count) {
        long[] tokens = chosen.get(0).longs();
        float[] logprobs = chosen.get(1).floats();
        for (int r = 0; r < of.size(); r++) {
            for (int i = 0; i < count; i++) {
                of.get(r).add((int) tokens[r * count + i], logprobs[r * count + i], end);
            }
        }
    }

    private Script script() {
        return model.script();
    }
}
