package ai.consilium.policy.adapter;

import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.WeightLayout;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A base with an adapter's update added to its weights, in memory, for other adapters to be trained over. It shares everything
 * else with the model that it was made of, which must outlive it. The sums are of Java's own arithmetic, in one order: every
 * machine comes to the same bits, whatever its processor.
 *
 * @param model the new base
 * @param hash SHA-256 (hex) of the matrices that changed, as float32 before they are rounded to the model's type
 */
public record FoldedBase(PolicyModel model, String hash) implements AutoCloseable {
    private static final int HASHED_AT_ONCE = 1 << 14;

    /**
     * Folds, matrix by matrix.
     *
     * @throws ai.consilium.policy.ModelException when the adapter does not fit the base
     */
    public static FoldedBase of(PolicyModel base, Adapter adapter) {
        ResidentAdapter.check(adapter, base.config());
        Map<String, LoraTarget> updated = targets(base.config(), adapter);
        MessageDigest digest = DigestUtils.getSha256Digest();
        List<WeightLayout.Slot> slots = WeightLayout.decoder(base.config());
        List<Tensor> decoder = new ArrayList<>(base.weights().decoder());
        Scope scope = Scope.open();
        try {
            for (int i = 0; i < slots.size(); i++) {
                List<WeightLayout.Part> parts = slots.get(i).parts();
                if (parts.stream().anyMatch(part -> updated.containsKey(part.name()))) {
                    decoder.set(i, folded(base, adapter, parts, updated, digest, scope));
                }
            }
            return new FoldedBase(
                    base.withDecoder(decoder, scope), HexFormat.of().formatHex(digest.digest()));
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    /** Targets by the tensor of the checkpoint that they update. */
    static Map<String, LoraTarget> targets(QwenConfig config, Adapter adapter) {
        Map<String, LoraTarget> targets = new HashMap<>();
        LoraTarget.of(config, adapter.targets()).forEach(target -> targets.put(target.module() + ".weight", target));
        return targets;
    }

    private static Tensor folded(
            PolicyModel base,
            Adapter adapter,
            List<WeightLayout.Part> parts,
            Map<String, LoraTarget> updated,
            MessageDigest digest,
            Scope scope) {
        try (Scope step = Scope.open()) {
            List<Tensor> matrices = new ArrayList<>();
            for (WeightLayout.Part part : parts) {
                HostTensor weight = base.directory().tensor(part.name());
                LoraTarget target = updated.get(part.name());
                if (target != null) {
                    add(weight.values(), adapter, target);
                    hash(weight.values(), digest);
                }
                matrices.add(step.floats(weight.values(), weight.shape()));
            }
            return base.script()
                    .call(scope, "stacked", matrices, base.precision().dtype())
                    .get(0);
        }
    }

    /** W + scale · B · A in place, one output a task. */
    static void add(float[] weight, Adapter adapter, LoraTarget target) {
        float[] a = adapter.values(target.nameA());
        float[] b = adapter.values(target.nameB());
        int in = target.in();
        IntStream.range(0, target.out()).parallel().forEach(row -> {
            for (int k = 0; k < adapter.rank(); k++) {
                float factor = (float) (adapter.scale() * b[row * adapter.rank() + k]);
                for (int i = 0; i < in; i++) {
                    weight[row * in + i] += factor * a[k * in + i];
                }
            }
        });
    }

    private static void hash(float[] values, MessageDigest digest) {
        ByteBuffer buffer = ByteBuffer.allocate(HASHED_AT_ONCE * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < values.length; from += HASHED_AT_ONCE) {
            int length = Math.min(HASHED_AT_ONCE, values.length - from);
            buffer.clear().asFloatBuffer().put(values, from, length);
            digest.update(buffer.limit(length * Float.BYTES));
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
