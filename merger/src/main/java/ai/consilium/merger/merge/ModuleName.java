package ai.consilium.merger.merge;

import ai.consilium.policy.config.LoraTarget;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/**
 * Where a weight stands in a model, by its name in PEFT's spelling: {@code
 * base_model.model.model.layers.3.self_attn.q_proj} is {@code self_attn.q_proj} of layer 3 of {@code model.layers}.
 *
 * @param stack the layers that it belongs to; without a layer, what its name begins with
 * @param layer its number; empty outside of stacked layers
 * @param path of the weight in its layer
 */
public record ModuleName(String stack, OptionalInt layer, String path) {
    /** Numbers count: layer 2 comes before layer 10. Weights that share their inputs follow one another. */
    static final Comparator<ModuleName> LAYER_BY_LAYER = Comparator.comparing(ModuleName::stack)
            .thenComparingInt(name -> name.layer.orElse(-1))
            .thenComparingInt(name -> LoraTarget.PROJECTIONS.indexOf(name.projection()))
            .thenComparing(ModuleName::path);

    private static final String PREFIX = "base_model.model.";

    /** @param module without the lora suffix */
    public static ModuleName of(String module) {
        String name = module.startsWith(PREFIX) ? module.substring(PREFIX.length()) : module;
        String[] parts = name.split("\\.");
        int start = 0;
        for (int i = 0; i + 1 < parts.length; i++) {
            int end = start + parts[i].length();
            if (i > 0 && parts[i].matches("\\d{1,9}")) {
                return new ModuleName(
                        name.substring(0, start - 1),
                        OptionalInt.of(Integer.parseInt(parts[i])),
                        name.substring(end + 1));
            }
            start = end + 1;
        }
        int dot = name.lastIndexOf('.');
        return new ModuleName(name.substring(0, Math.max(0, dot)), OptionalInt.empty(), name.substring(dot + 1));
    }

    /** Whether both are given the same inputs. */
    boolean sharesInputs(ModuleName other) {
        return stack.equals(other.stack)
                && layer.equals(other.layer)
                && LoraTarget.PROJECTIONS.containsAll(List.of(projection(), other.projection()))
                && LoraTarget.inputOf(projection()) == LoraTarget.inputOf(other.projection());
    }

    /** The last part of its name, q_proj for example. */
    public String projection() {
        return path.substring(path.lastIndexOf('.') + 1);
    }
}
