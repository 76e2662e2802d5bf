package ai.consilium.policy.model;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.input.CompletionTokens;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Base weights in native memory, shared by every sampler and trainer of the process. Thread-safe after loading. */
public final class PolicyModel implements AutoCloseable {
    private static final List<String> SOURCES = List.of(
            "rotary.py",
            "weights.py",
            "vision.py",
            "decoder.py",
            "lora.py",
            "sampling.py",
            "loss.py",
            "checkpoint.py",
            "policy_loss.py",
            "distillation.py",
            "adamw.py");

    /** As images.features_mib has it. */
    private static final long FEATURE_BYTES = 256L << 20;

    private final ModelDirectory directory;
    private final Scope scope;
    private final Precision precision;
    private final Script script;
    private final Weights weights;
    private final Tensor sections;
    private final Tensor frequencies;
    private final Tensor suppressed;
    private final VisionTower vision;
    private final ImageFeatures imageFeatures;
    /** Whether all but the decoder belongs to another. */
    private final boolean borrows;

    /** The resident matrices, in the order of {@link WeightLayout}; a tied head is the embedding's tensor itself. */
    public record Weights(List<Tensor> decoder, List<Tensor> vision) {
        /** Maps or copies them, to be read: {@link WeightLoader}. */
        static Weights load(ModelDirectory directory, Script script, Precision precision, Scope scope) {
            return load(directory, new WeightLoader(directory, script, precision, scope));
        }

        /** Copies of a model's, in float32, to be written to. */
        public static Weights copy(PolicyModel model, Scope scope) {
            ModelDirectory directory = model.directory();
            return load(directory, new WeightLoader(directory, model.script(), Precision.FP32, scope, Long.MAX_VALUE));
        }

        private static Weights load(ModelDirectory directory, WeightLoader loader) {
            try (loader) {
                return new Weights(
                        loader.load(WeightLayout.decoder(directory.config())),
                        loader.load(WeightLayout.vision(directory.config())));
            }
        }
    }

    private PolicyModel(ModelDirectory directory, Precision precision, long featureBytes) {
        this.directory = directory;
        this.precision = precision;
        this.scope = Scope.open();
        this.borrows = false;
        QwenConfig config = directory.config();
        CompletionTokens completions = directory.completionTokens();
        script = Script.load(scope, SOURCES, constants(config, completions));
        weights = Weights.load(directory, script, precision, scope);
        vision = new VisionTower(script, config);
        imageFeatures = new ImageFeatures(this, featureBytes);
        int half = config.headDim() / 2;
        long[] section = new long[half];
        float[] frequency = new float[half];
        int axis = 0;
        int end = config.mropeSections().get(0);
        for (int i = 0; i < half; i++) {
            while (i >= end) {
                end += config.mropeSections().get(++axis);
            }
            section[i] = axis;
            frequency[i] = (float) Math.pow(config.ropeTheta(), -2.0 * i / config.headDim());
        }
        sections = scope.longs(section, half);
        frequencies = scope.floats(frequency, half);
        suppressed = scope.longs(
                completions.suppressed().stream().mapToLong(Integer::longValue).toArray(),
                completions.suppressed().size());
    }

    private PolicyModel(PolicyModel base, Weights weights, Scope scope) {
        this.scope = scope;
        this.borrows = true;
        this.directory = base.directory;
        this.precision = base.precision;
        this.script = base.script;
        this.weights = weights;
        this.sections = base.sections;
        this.frequencies = base.frequencies;
        this.suppressed = base.suppressed;
        this.vision = base.vision;
        this.imageFeatures = base.imageFeatures;
    }

    /**
     * The same model with another decoder: the vision tower and what it saw are shared.
     *
     * @param decoder matrices in the order of {@link WeightLayout}
     * @param owner of those that are new, closed with the model that is returned
     * @return valid as long as this one is open
     */
    public PolicyModel withDecoder(List<Tensor> decoder, Scope owner) {
        return new PolicyModel(this, new Weights(decoder, weights.vision()), owner);
    }

    private static SortedMap<String, Number> constants(QwenConfig config, CompletionTokens completions) {
        QwenConfig.Vision vision = config.vision();
        return new TreeMap<>(Map.of(
                "layers", (long) config.layers(),
                "heads", (long) config.heads(),
                "kv_heads", (long) config.kvHeads(),
                "head_dim", (long) config.headDim(),
                "epsilon", config.epsilon(),
                "ids", (long) completions.ids(),
                "vision_layers", (long) vision.depth(),
                "vision_heads", (long) vision.heads(),
                "vision_merge", (long) vision.merge() * vision.merge()));
    }

    /** Loads the weights in float32. @throws ModelException naming the file and tensor */
    public static PolicyModel load(ModelDirectory directory, Compute compute) {
        return load(directory, compute, Precision.FP32);
    }

    /**
     * Loads the weights. Adapters and their moments are float32 whatever the base is.
     *
     * @param compute where it lives: to be started before
     * @throws ModelException naming the file and tensor
     */
    public static PolicyModel load(ModelDirectory directory, Compute compute, Precision precision) {
        return load(directory, compute, precision, FEATURE_BYTES);
    }

    /**
     * Loads the weights.
     *
     * @param featureBytes most memory for what the vision tower saw: {@link #imageFeatures}
     * @throws ModelException naming the file and tensor
     */
    public static PolicyModel load(ModelDirectory directory, Compute compute, Precision precision, long featureBytes) {
        return new PolicyModel(directory, precision, featureBytes);
    }

    /** Where it came from. */
    public ModelDirectory directory() {
        return directory;
    }

    /** Number of parameters. */
    public long parameters() {
        return WeightLayout.parts(directory.config()).stream()
                .mapToLong(WeightLayout.Part::size)
                .sum();
    }

    /** Type of weights and activations. */
    public Precision precision() {
        return precision;
    }

    public QwenConfig config() {
        return directory.config();
    }

    public Script script() {
        return script;
    }

    public Weights weights() {
        return weights;
    }

    public Tensor sections() {
        return sections;
    }

    public Tensor frequencies() {
        return frequencies;
    }

    /** Ids [K] that a completion never holds: {@link CompletionTokens#suppressed}. */
    public Tensor suppressed() {
        return suppressed;
    }

    /** The vision tower, over weights of this shape. */
    public VisionTower vision() {
        return vision;
    }

    /** What the tower of {@link #weights} saw in images. */
    public ImageFeatures imageFeatures() {
        return imageFeatures;
    }

    /** Tensors that it holds. */
    public int residentTensors() {
        return scope.size();
    }

    @Override
    public void close() {
        if (!borrows) {
            imageFeatures.close();
        }
        scope.close();
    }
}
