package ai.consilium.policy.layerwise;

import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A layer as a decoder of its own (checkpoint.py), with an adapter's part in it.
 *
 * @param weights as decoder.py counts them for a decoder of one layer
 * @param a seven, or none without an adapter
 * @param b likewise
 * @param leaves those of a and b that have an update, in the adapter's order
 */
record DecoderLayer(List<Tensor> weights, List<Tensor> a, List<Tensor> b, double scale, List<Tensor> leaves) {
    private static final int BEFORE_LAYERS = 3;
    private static final int WEIGHTS = 7;

    /** @param l from 0 */
    static DecoderLayer of(PolicyModel model, int l, @Nullable ResidentAdapter adapter) {
        List<Tensor> all = model.weights().decoder();
        int first = BEFORE_LAYERS + WEIGHTS * l;
        List<Tensor> weights = new ArrayList<>(all.subList(0, BEFORE_LAYERS));
        weights.addAll(all.subList(first, first + WEIGHTS));
        if (adapter == null) {
            return new DecoderLayer(weights, List.of(), List.of(), 0, List.of());
        }
        int slot = LoraTarget.PROJECTIONS.size() * l;
        int next = slot + LoraTarget.PROJECTIONS.size();
        List<Tensor> leaves = new ArrayList<>();
        for (LoraTarget target : adapter.targets()) {
            if (target.slot() >= slot && target.slot() < next) {
                leaves.add(adapter.a().get(target.slot()));
                leaves.add(adapter.b().get(target.slot()));
            }
        }
        return new DecoderLayer(
                weights, adapter.a().subList(slot, next), adapter.b().subList(slot, next), adapter.scale(), leaves);
    }
}
