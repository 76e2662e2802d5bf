package ai.consilium.policy.activation;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.batch.DeviceBatch;
import ai.consilium.policy.batch.PackedBatch;
import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What the linear maps of a decoder with an adapter are given, at some tokens of given texts. Layer by layer: only the hidden
 * states of the texts are held, and one layer's rows. On one compute thread.
 */
public final class ModuleInputs implements AutoCloseable {
    /** Padded tokens that are taken through a layer at once. */
    private static final int CHUNK_TOKENS = 4096;

    private final PolicyModel model;
    private final Scope scope = Scope.open();
    private final List<Tensor> lora;
    private final List<Chunk> chunks = new ArrayList<>();
    private Scope layerScope = Scope.open();
    private List<Tensor> rows = List.of();
    private int layer = -1;

    /**
     * A prompt and what follows it.
     *
     * @param following tokens; at least none
     */
    public record Text(EncodedPrompt prompt, int[] following) {}

    /** Texts that go through a layer together, and where they are. @param rows places of the tokens that are looked at */
    private static final class Chunk {
        private final DeviceBatch batch;
        private final Tensor rows;
        private Scope scope;
        private Tensor prompts;
        private Tensor following;

        Chunk(DeviceBatch batch, Tensor rows, Scope scope, Tensor prompts, Tensor following) {
            this.batch = batch;
            this.rows = rows;
            this.scope = scope;
            this.prompts = prompts;
            this.following = following;
        }
    }

    /**
     * Begins before the first layer.
     *
     * @param texts at least one
     * @param mostRows tokens to look at: of more, so many are drawn
     * @param seed of the draw
     */
    public ModuleInputs(PolicyModel model, Adapter adapter, List<Text> texts, int mostRows, long seed) {
        this.model = model;
        try (Scope step = Scope.open()) {
            lora = ResidentAdapter.load(adapter, model.config(), step).fused(model, scope);
        }
        List<List<Text>> chunked = PackedBatch.chunks(texts, ModuleInputs::packed, CHUNK_TOKENS);
        List<PackedBatch> packed = chunked.stream()
                .map(chunk -> PackedBatch.of(
                        model.config(), chunk.stream().map(ModuleInputs::packed).toList(), false))
                .toList();
        List<long[]> places = places(packed, mostRows, seed);
        for (int i = 0; i < packed.size(); i++) {
            List<EncodedPrompt> prompts =
                    chunked.get(i).stream().map(Text::prompt).toList();
            DeviceBatch batch = DeviceBatch.of(model, model.weights(), prompts, packed.get(i), scope);
            Tensor following = model.script()
                    .call(scope, "embed", batch.tokens(), model.weights().decoder(), batch.tokens(), List.of())
                    .get(0);
            Tensor rows = scope.longs(places.get(i), places.get(i).length);
            chunks.add(new Chunk(batch, rows, Scope.open(), batch.embedded(), following));
        }
    }

    private static PackedBatch.Group packed(Text text) {
        return new PackedBatch.Group(text.prompt(), List.of(text.following()));
    }

    /** Places of tokens in each chunk, prompt and what follows it counted as one row; of too many, an even draw. */
    private static List<long[]> places(List<PackedBatch> packed, int most, long seed) {
        int tokens = 0;
        for (PackedBatch batch : packed) {
            tokens += count(batch.prefix().valid()) + count(batch.samples().valid());
        }
        Random random = new Random(seed);
        int wanted = Math.min(most, tokens);
        List<long[]> places = new ArrayList<>();
        for (PackedBatch batch : packed) {
            List<Long> chosen = new ArrayList<>();
            int p = batch.prefix().width();
            int c = batch.samples().width();
            for (int row = 0; row < batch.prefix().count(); row++) {
                for (int column = 0; column < p + c; column++) {
                    float valid = column < p
                            ? batch.prefix().valid()[row * p + column]
                            : batch.samples().valid()[row * c + column - p];
                    if (valid > 0) {
                        // Selection sampling (Knuth, 3.4.2, algorithm S): each token has the same chance.
                        if (random.nextInt(tokens--) < wanted) {
                            wanted--;
                            chosen.add((long) row * (p + c) + column);
                        }
                    }
                }
            }
            places.add(chosen.stream().mapToLong(Long::longValue).toArray());
        }
        return places;
    }

    private static int count(float[] valid) {
        int count = 0;
        for (float one : valid) {
            count += one > 0 ? 1 : 0;
        }
        return count;
    }

    /**
     * What a projection is given, [rows, in]; valid until a projection of a later layer is asked for.
     *
     * @throws IllegalArgumentException when its layer is behind already
     */
    public Tensor of(LoraTarget target) {
        int wanted = target.slot() / LoraTarget.PROJECTIONS.size();
        if (wanted < layer) {
            throw new IllegalArgumentException("layer " + wanted + " is behind layer " + layer);
        }
        while (layer < wanted) {
            advance();
        }
        return rows.get(LoraTarget.inputOf(target.projection()));
    }

    private void advance() {
        layer++;
        layerScope.close();
        layerScope = Scope.open();
        try (Scope step = Scope.open()) {
            rows = advanced(step).stream()
                    .map(part -> model.script().call(layerScope, "joined", part).get(0))
                    .toList();
        }
    }

    /** Takes every chunk through the layer. @return the rows of each, by the four groups of linear maps */
    private List<List<Tensor>> advanced(Scope step) {
        List<List<Tensor>> parts = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (Chunk chunk : chunks) {
            DeviceBatch batch = chunk.batch;
            Scope next = Scope.open();
            List<Tensor> result = model.script()
                    .call(
                            next,
                            "watch",
                            chunk.prompts,
                            batch.valid(),
                            chunk.following,
                            batch.sampleValid(),
                            model.weights().decoder(),
                            layer,
                            lora,
                            batch.turned().cos(),
                            batch.turned().sin(),
                            batch.sampleTurned().cos(),
                            batch.sampleTurned().sin(),
                            chunk.rows);
            chunk.scope.close();
            chunk.scope = next;
            chunk.prompts = result.get(0);
            chunk.following = result.get(1);
            for (int i = 0; i < parts.size(); i++) {
                parts.get(i).add(step.adopt(result.get(2 + i)));
            }
        }
        return parts;
    }

    @Override
    public void close() {
        chunks.forEach(chunk -> chunk.scope.close());
        layerScope.close();
        scope.close();
    }
}
