package ai.consilium.policy.config;

import ai.consilium.policy.ModelException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A projection of a layer that may carry an update.
 *
 * @param slot its number among all projections of the decoder, seven a layer, in the order that lora.py takes
 */
public record LoraTarget(int slot, String module, int in, int out) {
    /** Projections of a layer in the order that lora.py takes. */
    public static final List<String> PROJECTIONS =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

    /** Targets of a model in slot order. @throws ModelException for a projection that it lacks */
    public static List<LoraTarget> of(QwenConfig config, List<String> projections) {
        Set<String> wanted = new HashSet<>(projections);
        for (String projection : projections) {
            if (!PROJECTIONS.contains(projection)) {
                throw new ModelException("lora target " + projection + " is not a projection; known are "
                        + String.join(", ", PROJECTIONS));
            }
        }
        List<LoraTarget> targets = new ArrayList<>();
        for (LoraTarget target : all(config)) {
            if (wanted.contains(target.projection())) {
                targets.add(target);
            }
        }
        return targets;
    }

    /** Every projection of a model in slot order. */
    public static List<LoraTarget> all(QwenConfig config) {
        int hidden = config.hidden();
        int kv = config.kvHeads() * config.headDim();
        int inner = config.intermediate();
        int[] out = {hidden, kv, kv, hidden, inner, inner, hidden};
        int[] in = {hidden, hidden, hidden, hidden, hidden, hidden, inner};
        List<LoraTarget> targets = new ArrayList<>();
        for (int slot = 0; slot < config.layers() * PROJECTIONS.size(); slot++) {
            int kind = slot % PROJECTIONS.size();
            String module = "model.layers." + slot / PROJECTIONS.size() + (kind < 4 ? ".self_attn." : ".mlp.")
                    + PROJECTIONS.get(kind);
            targets.add(new LoraTarget(slot, module, in[kind], out[kind]));
        }
        return targets;
    }

    /** Which of a layer's inputs a projection is given, from 0: q, k and v have one, and so have gate and up. */
    public static int inputOf(String projection) {
        return switch (projection) {
            case "q_proj", "k_proj", "v_proj" -> 0;
            case "o_proj" -> 1;
            case "gate_proj", "up_proj" -> 2;
            case "down_proj" -> 3;
            default -> throw new IllegalArgumentException(projection + " is no projection of a layer");
        };
    }

    /** Which of {@link #PROJECTIONS}. */
    public String projection() {
        return PROJECTIONS.get(slot % PROJECTIONS.size());
    }

    public String nameA() {
        return "base_model.model." + module + ".lora_A.weight";
    }

    public String nameB() {
        return "base_model.model." + module + ".lora_B.weight";
    }
}
