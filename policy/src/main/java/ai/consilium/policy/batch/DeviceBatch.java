package ai.consilium.policy.batch;

import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.input.ImageProcessor;
import ai.consilium.policy.input.VisionGrid;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@link PackedBatch} as tensors.
 *
 * @param embedded [N, P, hidden] prefix embeddings with the images in place
 * @param valid [N, P]
 * @param turned cosines and sines of the prefix
 * @param group [R]
 * @param tokens [R, C]
 * @param sampleValid [R, C]
 * @param sampleTurned cosines and sines of the samples
 */
public record DeviceBatch(
        Tensor embedded,
        Tensor valid,
        Turned turned,
        Tensor group,
        Tensor tokens,
        Tensor sampleValid,
        Turned sampleTurned) {

    /** Cosines and sines [N, 1, S, head_dim]. */
    public record Turned(Tensor cos, Tensor sin) {}

    public static DeviceBatch of(
            PolicyModel model,
            PolicyModel.Weights weights,
            List<EncodedPrompt> prompts,
            PackedBatch batch,
            Scope scope) {
        PackedBatch.Rows prefix = batch.prefix();
        PackedBatch.Rows samples = batch.samples();
        return new DeviceBatch(
                embed(model, weights, prompts, batch, scope),
                scope.floats(prefix.valid(), prefix.count(), prefix.width()),
                turned(model, scope, prefix.positions(), prefix.count(), prefix.width()),
                scope.longs(batch.group(), samples.count()),
                scope.longs(samples.tokens(), samples.count(), samples.width()),
                scope.floats(samples.valid(), samples.count(), samples.width()),
                turned(model, scope, samples.positions(), samples.count(), samples.width()));
    }

    /** Angles for positions [3, rows, width]. */
    public static Turned turned(PolicyModel model, Scope scope, long[] positions, int rows, int width) {
        List<Tensor> result = model.script()
                .call(scope, "angles", scope.longs(positions, 3, rows, width), model.sections(), model.frequencies());
        return new Turned(result.get(0), result.get(1));
    }

    private static Tensor embed(
            PolicyModel model,
            PolicyModel.Weights weights,
            List<EncodedPrompt> prompts,
            PackedBatch batch,
            Scope scope) {
        Script script = model.script();
        PackedBatch.Rows prefix = batch.prefix();
        Tensor tokens = scope.longs(prefix.tokens(), prefix.count(), prefix.width());
        // The model's own tower is frozen: what it sees in an image is always the same.
        boolean frozen = weights.vision().equals(model.weights().vision());
        Seen seen = frozen
                ? Seen.kept(model, prompts, batch.imageAt(), scope)
                : Seen.by(weights, model, ImageOrder.of(prompts, batch.imageAt(), model.config()), scope);
        List<Tensor> features = seen.features().isEmpty() ? List.of() : script.call(scope, "joined", seen.features());
        Tensor places = scope.longs(seen.places(), seen.places().length);
        return script.call(scope, "embed", tokens, weights.decoder(), places, features)
                .get(0);
    }

    /** Features, and the places in the flattened prefix tokens that they fill. */
    private record Seen(List<Tensor> features, long[] places) {
        static Seen kept(PolicyModel model, List<EncodedPrompt> prompts, long[] imageAt, Scope scope) {
            return new Seen(
                    prompts.stream()
                            .flatMap(prompt -> prompt.images().stream())
                            .map(image -> model.imageFeatures().of(image, scope))
                            .toList(),
                    imageAt);
        }

        static Seen by(PolicyModel.Weights weights, PolicyModel model, ImageOrder order, Scope scope) {
            List<Tensor> features = new ArrayList<>();
            order.byGrid()
                    .forEach((grid, images) -> features.add(model.vision().see(weights.vision(), grid, images, scope)));
            return new Seen(features, order.places());
        }
    }

    /** Images of one grid are seen together, so the places that their features fill are put in that order. */
    private record ImageOrder(Map<VisionGrid, List<ImageProcessor.Pixels>> byGrid, long[] places) {
        public static ImageOrder of(List<EncodedPrompt> prompts, long[] imageAt, QwenConfig config) {
            int merged = config.vision().merge() * config.vision().merge();
            Map<VisionGrid, List<ImageProcessor.Pixels>> byGrid = new LinkedHashMap<>();
            Map<VisionGrid, List<Integer>> starts = new LinkedHashMap<>();
            int start = 0;
            for (EncodedPrompt prompt : prompts) {
                for (ImageProcessor.Pixels image : prompt.images()) {
                    VisionGrid grid = VisionGrid.of(image);
                    byGrid.computeIfAbsent(grid, none -> new ArrayList<>()).add(image);
                    starts.computeIfAbsent(grid, none -> new ArrayList<>()).add(start);
                    start += grid.patches() / merged;
                }
            }
            long[] places = new long[imageAt.length];
            int at = 0;
            for (Map.Entry<VisionGrid, List<Integer>> entry : starts.entrySet()) {
                int length = entry.getKey().patches() / merged;
                for (int first : entry.getValue()) {
                    System.arraycopy(imageAt, first, places, at, length);
                    at += length;
                }
            }
            return new ImageOrder(byGrid, places);
        }
    }
}
