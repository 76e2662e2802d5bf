package ai.consilium.policy.adapter;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.format.HostTensor;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * adapter_config.json of PEFT's LoRA. Ranks and scales may differ from module to module ({@code rank_pattern}, {@code
 * alpha_pattern}) and be of rank-stabilised LoRA (2312.03732); what computes something else than W + scale · B · A on the
 * decoder's projections is refused by name.
 */
final class PeftConfig {
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";

    /** Each makes another product of the same tensors, or needs more than them. */
    private static final List<String> UNSUPPORTED = List.of(
            "use_dora",
            "fan_in_fan_out",
            "modules_to_save",
            "layers_to_transform",
            "layer_replication",
            "lora_bias",
            "trainable_token_indices",
            "target_parameters",
            "use_qalora",
            "alora_invocation_tokens",
            "megatron_config",
            "arrow_config",
            "use_bdlora",
            "kasa_config",
            "monteclora_config",
            "velora_config",
            "lora_ga_config");

    /** Initialisations that take the adapter out of the base's weights, so that it belongs to another base than is named. */
    private static final List<String> OTHER_BASE = List.of("pissa", "olora", "corda", "loftq");

    private final Path file;
    private final int rank;
    private final double alpha;
    private final boolean stabilised;
    private final Map<Pattern, Double> ranks;
    private final Map<Pattern, Double> alphas;

    private PeftConfig(Path file, JsonNode root) {
        this.file = file;
        String type = root.path("peft_type").asText("none");
        require(type.equals("LORA"), "peft_type is " + type + ", not LORA");
        UNSUPPORTED.forEach(key -> require(!says(root.path(key)), key + " is not supported"));
        String bias = root.path("bias").asText("none");
        require(bias.equals("none"), "bias is " + bias + "; only none is supported");
        String initial = root.path("init_lora_weights").asText("");
        require(
                OTHER_BASE.stream().noneMatch(initial::startsWith),
                "init_lora_weights is " + initial + ", which changes the base's weights: save it converted"
                        + " (path_initial_model_for_weight_conversion)");
        require(root.path("r").isInt() && root.path("lora_alpha").isNumber(), "r and lora_alpha must be numbers");
        rank = root.get("r").asInt();
        alpha = root.get("lora_alpha").asDouble();
        stabilised = root.path("use_rslora").asBoolean(false);
        ranks = patterns(root, "rank_pattern");
        alphas = patterns(root, "alpha_pattern");
    }

    /** Reads one. @throws ModelException naming the file and the key */
    static PeftConfig read(Path file) {
        try {
            return new PeftConfig(file, new ObjectMapper().readTree(file.toFile()));
        } catch (IOException e) {
            throw new ModelException(file + ": " + e.getMessage(), e);
        }
    }

    /** Whether a key is there and is neither false, nor empty, nor null. */
    private static boolean says(JsonNode value) {
        return value.isBoolean() ? value.asBoolean() : !value.isNull() && (value.isValueNode() || !value.isEmpty());
    }

    private Map<Pattern, Double> patterns(JsonNode root, String key) {
        Map<Pattern, Double> patterns = new LinkedHashMap<>();
        root.path(key).properties().forEach(entry -> {
            require(entry.getValue().isNumber(), key + "." + entry.getKey() + " must be a number");
            try {
                // As PEFT matches: the whole name of the module, or its end behind a point.
                patterns.put(
                        Pattern.compile("(.*\\.)?(" + entry.getKey() + ")"),
                        entry.getValue().asDouble());
            } catch (PatternSyntaxException e) {
                throw new ModelException(
                        file + ": " + key + "." + entry.getKey() + " is no pattern: " + e.getDescription(), e);
            }
        });
        return patterns;
    }

    /**
     * The adapter of these tensors, all of one rank and scale: a lesser rank is filled up with zeros, and where scales differ, B
     * takes the difference.
     *
     * @param tensors by the names that {@link Adapter} gives them
     */
    Adapter adapter(SortedMap<String, HostTensor> tensors) {
        List<String> modules = tensors.keySet().stream()
                .filter(name -> name.endsWith(A))
                .map(name -> name.substring(0, name.length() - A.length()))
                .toList();
        int most = rank;
        double scale = modules.stream().mapToDouble(this::scale).max().orElse(alpha / rank);
        SortedMap<String, HostTensor> uniform = new TreeMap<>(tensors);
        for (String module : modules) {
            check(module, tensors);
            most = Math.max(most, rank(module));
        }
        for (String module : modules) {
            int wide = most;
            double factor = scale == 0 ? 1 : scale(module) / scale;
            uniform.computeIfPresent(module + A, (name, a) -> filled(a, wide));
            uniform.computeIfPresent(module + B, (name, b) -> scaled(widened(b, wide), factor));
        }
        List<String> targets = new ArrayList<>();
        for (String projection : LoraTarget.PROJECTIONS) {
            if (modules.stream().anyMatch(module -> module.endsWith("." + projection))) {
                targets.add(projection);
            }
        }
        boolean plain = !stabilised && alphas.isEmpty() && ranks.isEmpty();
        return new Adapter(most, plain ? alpha : scale * most, targets, uniform);
    }

    private void check(String module, SortedMap<String, HostTensor> tensors) {
        HostTensor a = Objects.requireNonNull(tensors.get(module + A));
        HostTensor b = tensors.get(module + B);
        if (b == null) {
            throw new ModelException(file.resolveSibling(PeftDirectory.WEIGHTS) + ": lacks tensor " + module + B);
        }
        int own = rank(module);
        require(
                a.shape().length == 2 && b.shape().length == 2 && a.shape()[0] == own && b.shape()[1] == own,
                "gives " + module + " the rank " + own + ", but its tensors have the shapes "
                        + Arrays.toString(a.shape()) + " and " + Arrays.toString(b.shape()));
    }

    private int rank(String module) {
        return (int) matched(ranks, module, rank);
    }

    private double scale(String module) {
        double own = rank(module);
        return matched(alphas, module, alpha) / (stabilised ? Math.sqrt(own) : own);
    }

    /** A pattern may have been written for either way in which transformers nests the decoder. */
    private static double matched(Map<Pattern, Double> patterns, String module, double otherwise) {
        String flat = module.replaceFirst("^" + Pattern.quote(PeftDirectory.ROOT), "");
        String nested = PeftDirectory.nested(module).replaceFirst("^" + Pattern.quote(PeftDirectory.ROOT), "");
        return patterns.entrySet().stream()
                .filter(entry -> entry.getKey().matcher(nested).matches()
                        || entry.getKey().matcher(flat).matches())
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(otherwise);
    }

    private static HostTensor filled(HostTensor a, int rank) {
        int in = (int) a.shape()[1];
        return a.shape()[0] == rank
                ? a
                : new HostTensor(new long[] {rank, in}, Arrays.copyOf(a.values(), Math.multiplyExact(rank, in)));
    }

    private static HostTensor widened(HostTensor b, int rank) {
        int out = (int) b.shape()[0];
        int own = (int) b.shape()[1];
        if (own == rank) {
            return b;
        }
        float[] values = new float[Math.multiplyExact(out, rank)];
        for (int row = 0; row < out; row++) {
            System.arraycopy(b.values(), row * own, values, row * rank, own);
        }
        return new HostTensor(new long[] {out, rank}, values);
    }

    private static HostTensor scaled(HostTensor b, double factor) {
        if (factor == 1) {
            return b;
        }
        float[] values = new float[b.values().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (factor * b.values()[i]);
        }
        return new HostTensor(b.shape(), values);
    }

    private void require(boolean holds, String message) {
        if (!holds) {
            throw new ModelException(file + ": " + message);
        }
    }
}
