package ai.consilium.policy.model;

import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.input.ImageProcessor;
import ai.consilium.policy.input.VisionGrid;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import java.util.List;

/** What the vision tower sees in images. */
public final class VisionTower {
    private static final long[] IN_PLACE = {};

    private final Script script;
    private final QwenConfig.Vision config;

    VisionTower(Script script, QwenConfig config) {
        this.script = script;
        this.config = config.vision();
    }

    /**
     * Features of images of one grid, which are computed together.
     *
     * @param weights of the tower, in the order of {@link WeightLayout#vision}
     * @param scope owner of the result, and of what it is computed from
     * @return [images * frames * patches of a frame / merge², hidden], image by image
     */
    public Tensor see(List<Tensor> weights, VisionGrid grid, List<ImageProcessor.Pixels> images, Scope scope) {
        int length = grid.patches() * config.patchValues();
        float[] values = new float[images.size() * length];
        for (int i = 0; i < images.size(); i++) {
            System.arraycopy(images.get(i).patches(), 0, values, i * length, length);
        }
        VisionGrid.Windows windows = grid.windows(config);
        double[] angles = grid.angles(config, windows.order());
        float[] cos = new float[angles.length];
        float[] sin = new float[angles.length];
        for (int i = 0; i < angles.length; i++) {
            cos[i] = (float) Math.cos(angles[i]);
            sin[i] = (float) Math.sin(angles[i]);
        }
        long[] order = windows.inPlace() ? IN_PLACE : windows.order();
        long[] back = windows.inPlace() ? IN_PLACE : windows.back(config.merge() * config.merge());
        long patches = grid.framePatches();
        return script.call(
                        scope,
                        "see",
                        scope.floats(values, (long) images.size() * grid.frames(), patches, config.patchValues()),
                        weights,
                        scope.floats(cos, patches, config.headDim()),
                        scope.floats(sin, patches, config.headDim()),
                        scope.longs(order, order.length),
                        scope.longs(back, back.length),
                        windows.spans(),
                        config.fullAttention().stream()
                                .mapToLong(Integer::longValue)
                                .toArray())
                .get(0);
    }
}
