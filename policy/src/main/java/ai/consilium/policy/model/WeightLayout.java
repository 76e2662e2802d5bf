package ai.consilium.policy.model;

import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.format.HostTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How the tensors of a checkpoint lie in memory: a slot is one resident matrix, the concatenation (along the first
 * dimension) of one or more tensors by their Hugging Face names, so that q, k and v are one multiplication. The order of
 * the slots is the one that decoder.py and vision.py number.
 */
public final class WeightLayout {
    /** Of the checkpoint of a model whose head is not the embedding. */
    static final String HEAD = "lm_head.weight";

    private WeightLayout() {}

    /** A tensor of the checkpoint. */
    public record Part(String name, List<Long> shape) {
        static Part of(String name, long... shape) {
            return new Part(name, Arrays.stream(shape).boxed().toList());
        }

        /** Number of elements: more than an int holds where a vocabulary is large. */
        public long size() {
            return shape.stream().reduce(1L, Math::multiplyExact);
        }

        public HostTensor tensor(float[] values) {
            return new HostTensor(shape.stream().mapToLong(Long::longValue).toArray(), values);
        }

        /** Inputs of a unit: the product of all dimensions but the first. */
        long width() {
            return size() / shape.get(0);
        }
    }

    /** A resident matrix, or vector. */
    public record Slot(List<Part> parts) {
        static Slot of(Part... parts) {
            return new Slot(List.of(parts));
        }

        long[] shape() {
            long rows = parts.stream().mapToLong(part -> part.shape().get(0)).sum();
            return parts.get(0).shape().size() == 1
                    ? new long[] {rows}
                    : new long[] {rows, parts.get(0).width()};
        }
    }

    /** Slots of the decoder; the head is the embedding's slot itself when they are tied. */
    public static List<Slot> decoder(QwenConfig config) {
        long hidden = config.hidden();
        long kv = (long) config.kvHeads() * config.headDim();
        long inner = config.intermediate();
        List<Slot> slots = new ArrayList<>();
        Slot embedding = Slot.of(Part.of("model.embed_tokens.weight", config.vocabulary(), hidden));
        slots.add(embedding);
        slots.add(Slot.of(Part.of("model.norm.weight", hidden)));
        slots.add(config.tied() ? embedding : Slot.of(Part.of(HEAD, config.vocabulary(), hidden)));
        for (int i = 0; i < config.layers(); i++) {
            String layer = "model.layers." + i + ".";
            String attention = layer + "self_attn.";
            slots.add(Slot.of(Part.of(layer + "input_layernorm.weight", hidden)));
            slots.add(Slot.of(
                    Part.of(attention + "q_proj.weight", hidden, hidden),
                    Part.of(attention + "k_proj.weight", kv, hidden),
                    Part.of(attention + "v_proj.weight", kv, hidden)));
            slots.add(Slot.of(
                    Part.of(attention + "q_proj.bias", hidden),
                    Part.of(attention + "k_proj.bias", kv),
                    Part.of(attention + "v_proj.bias", kv)));
            slots.add(Slot.of(Part.of(attention + "o_proj.weight", hidden, hidden)));
            slots.add(Slot.of(Part.of(layer + "post_attention_layernorm.weight", hidden)));
            slots.add(Slot.of(
                    Part.of(layer + "mlp.gate_proj.weight", inner, hidden),
                    Part.of(layer + "mlp.up_proj.weight", inner, hidden)));
            slots.add(Slot.of(Part.of(layer + "mlp.down_proj.weight", hidden, inner)));
        }
        return slots;
    }

    /** Elements of the projections of all layers: of what an adapter may update. */
    public static long projectionSize(QwenConfig config) {
        return LoraTarget.all(config).stream()
                .mapToLong(target -> (long) target.in() * target.out())
                .sum();
    }

    /** Slots of the vision tower. */
    public static List<Slot> vision(QwenConfig config) {
        QwenConfig.Vision vision = config.vision();
        long hidden = vision.hidden();
        long inner = vision.intermediate();
        long merged = hidden * vision.merge() * vision.merge();
        long patch = vision.patch();
        List<Slot> slots = new ArrayList<>();
        slots.add(Slot.of(Part.of("visual.patch_embed.proj.weight", hidden, 3, vision.temporalPatch(), patch, patch)));
        slots.add(Slot.of(Part.of("visual.merger.ln_q.weight", hidden)));
        slots.add(Slot.of(Part.of("visual.merger.mlp.0.weight", merged, merged)));
        slots.add(Slot.of(Part.of("visual.merger.mlp.0.bias", merged)));
        slots.add(Slot.of(Part.of("visual.merger.mlp.2.weight", config.hidden(), merged)));
        slots.add(Slot.of(Part.of("visual.merger.mlp.2.bias", config.hidden())));
        for (int i = 0; i < vision.depth(); i++) {
            String block = "visual.blocks." + i + ".";
            slots.add(Slot.of(Part.of(block + "norm1.weight", hidden)));
            slots.add(Slot.of(Part.of(block + "attn.qkv.weight", 3 * hidden, hidden)));
            slots.add(Slot.of(Part.of(block + "attn.qkv.bias", 3 * hidden)));
            slots.add(Slot.of(Part.of(block + "attn.proj.weight", hidden, hidden)));
            slots.add(Slot.of(Part.of(block + "attn.proj.bias", hidden)));
            slots.add(Slot.of(Part.of(block + "norm2.weight", hidden)));
            slots.add(Slot.of(
                    Part.of(block + "mlp.gate_proj.weight", inner, hidden),
                    Part.of(block + "mlp.up_proj.weight", inner, hidden)));
            slots.add(
                    Slot.of(Part.of(block + "mlp.gate_proj.bias", inner), Part.of(block + "mlp.up_proj.bias", inner)));
            slots.add(Slot.of(Part.of(block + "mlp.down_proj.weight", hidden, inner)));
            slots.add(Slot.of(Part.of(block + "mlp.down_proj.bias", hidden)));
        }
        return slots;
    }

    /** Every tensor of the checkpoint, each once. */
    public static List<Part> parts(QwenConfig config) {
        List<Slot> slots = new ArrayList<>(decoder(config));
        slots.addAll(vision(config));
        return slots.stream().flatMap(slot -> slot.parts().stream()).distinct().toList();
    }
}
