package ai.consilium.pretraining;

import ai.consilium.cases.clinic.Vocabulary;
import ai.consilium.cases.lessons.PretrainingItem;
import ai.consilium.cases.lessons.PretrainingItems;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.ModelWriter;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.training.FullParameterTrainer;
import ai.consilium.policy.training.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.IntToDoubleFunction;

/** Makes the tiny base model: tokenizer, random weights, then full-parameter pretraining on {@link PretrainingItems}. */
public final class TinyModel {
    private static final Trainer.Optimiser OPTIMISER = new Trainer.Optimiser(0.9, 0.99, 1e-8, 0.01, 1.0);
    /** Batches drawn at once and cut by length, so that little is padded. */
    private static final int BATCHES_PER_DRAW = 8;

    private static final int TOLD_EVERY = 100;

    /**
     * Told now and then.
     *
     * @param done steps
     * @param loss mean over the last steps
     * @param seconds since the start
     */
    public record Progress(int done, int steps, double loss, double seconds) {
        private Progress of(int all, int before, long start) {
            return new Progress(before + done, all, loss, (System.nanoTime() - start) / 1e9);
        }
    }

    /** Hears of progress. */
    @FunctionalInterface
    public interface Listener {
        /** Every hundred steps; the model is written by then, so that an interrupted run leaves something. */
        void heard(Progress progress);
    }

    private TinyModel() {}

    /** Shape of models/tiny: Qwen2.5-VL with 1.3 million parameters. */
    static QwenConfig shape() {
        return shape(
                128, 384, 4, 4, 2, List.of(4, 6, 6), new QwenConfig.Vision(2, 96, 192, 4, 4, 2, 2, 32, List.of(0, 1)));
    }

    /** The same vocabulary and images with 50 million parameters: a shape to measure with. */
    public static QwenConfig larger() {
        return shape(
                512,
                2048,
                12,
                8,
                2,
                List.of(8, 12, 12),
                new QwenConfig.Vision(4, 256, 768, 4, 4, 2, 2, 32, List.of(1, 3)));
    }

    private static QwenConfig shape(
            int hidden,
            int intermediate,
            int layers,
            int heads,
            int kvHeads,
            List<Integer> sections,
            QwenConfig.Vision vision) {
        List<String> vocabulary = Vocabulary.tokens();
        int videoPad = TokenizerFiles.videoPad(vocabulary);
        return new QwenConfig(
                (videoPad + 1 + 63) / 64 * 64,
                hidden,
                intermediate,
                layers,
                heads,
                kvHeads,
                1e-6,
                10_000,
                sections,
                true,
                vocabulary.indexOf("<|image_pad|>"),
                vocabulary.indexOf("<|vision_start|>"),
                vocabulary.indexOf("<|vision_end|>"),
                OptionalInt.of(videoPad),
                vision);
    }

    /** Writes a model directory of the shape of models/tiny with random weights. */
    public static void initialise(Path directory, long seed) throws IOException {
        initialise(directory, shape(), seed);
    }

    /** Writes the tokenizer of models/tiny with fillers before its last id, so that so many ids have a token. */
    public static void writeTokenizer(Path directory, int ids) throws IOException {
        Files.createDirectories(directory);
        List<String> tokens = new ArrayList<>(Vocabulary.tokens());
        while (TokenizerFiles.videoPad(tokens) < ids - 1) {
            tokens.add("<filler " + tokens.size() + ">");
        }
        TokenizerFiles.write(directory, Vocabulary.special(), tokens);
    }

    /** Writes a model directory with random weights. */
    public static void initialise(Path directory, QwenConfig shape, long seed) throws IOException {
        Files.createDirectories(directory);
        TokenizerFiles.write(directory, Vocabulary.special(), Vocabulary.tokens());
        ModelDirectory.writePrompts(directory, "shipped:canonical");
        Files.writeString(directory.resolve("preprocessor_config.json"), """
                {
                  "do_convert_rgb": true,
                  "do_normalize": true,
                  "do_rescale": true,
                  "do_resize": true,
                  "image_mean": [0.5, 0.5, 0.5],
                  "image_processor_type": "Qwen2VLImageProcessor",
                  "image_std": [0.5, 0.5, 0.5],
                  "max_pixels": 1024,
                  "merge_size": 2,
                  "min_pixels": 1024,
                  "patch_size": 4,
                  "processor_class": "Qwen2_5_VLProcessor",
                  "resample": 3,
                  "rescale_factor": 0.00392156862745098,
                  "temporal_patch_size": 2
                }
                """);
        ModelWriter.initialise(directory, shape, seed);
    }

    /**
     * Initialises and pretrains.
     *
     * @return exact matches by kind of item, on items that were not trained on
     */
    public static Map<String, SkillReport.Skill> make(
            Path directory, PretrainingSettings settings, Compute compute, Listener listener)
            throws IOException, InterruptedException {
        initialise(directory, settings.seed());
        long start = System.nanoTime();
        course(
                directory,
                compute,
                PretrainingItems.main(settings.seed()),
                new Course(settings.steps(), settings.batchSize(), settings.seed(), settings::learningRateAt),
                p -> listener.heard(p.of(settings.steps() + settings.finishingSteps(), 0, start)));
        return finish(
                directory,
                settings,
                compute,
                p -> listener.heard(p.of(settings.steps() + settings.finishingSteps(), settings.steps(), start)));
    }

    /**
     * The short course over a model that has had the long one.
     *
     * @return exact matches by kind of item
     */
    public static Map<String, SkillReport.Skill> finish(
            Path directory, PretrainingSettings settings, Compute compute, Listener listener)
            throws InterruptedException {
        course(
                directory,
                compute,
                PretrainingItems.finishing(settings.seed()),
                new Course(settings.finishingSteps(), settings.batchSize(), settings.seed(), settings::finishingRateAt),
                listener);
        ModelDirectory trained = ModelDirectory.open(directory);
        try (PolicyModel base = PolicyModel.load(trained, compute)) {
            return SkillReport.of(
                    base, compute, new ItemEncoder(trained), PretrainingItems.finishing(settings.seed() + 1));
        }
    }

    private record Course(int steps, int batchSize, long seed, IntToDoubleFunction learningRate) {}

    private static void course(
            Path directory, Compute compute, PretrainingItems items, Course course, Listener listener)
            throws InterruptedException {
        ModelDirectory model = ModelDirectory.open(directory);
        ItemEncoder encoder = new ItemEncoder(model);
        try (PolicyModel base = PolicyModel.load(model, compute);
                FullParameterTrainer trainer = new FullParameterTrainer(base, compute, OPTIMISER)) {
            Random order = new Random(course.seed());
            long start = System.nanoTime();
            double lossSum = 0;
            int lossSteps = 0;
            long next = 0;
            List<List<Trainer.Example>> ready = new ArrayList<>();
            for (int step = 0; step < course.steps(); step++) {
                if (ready.isEmpty()) {
                    ready = batches(encoder, items, next, course.batchSize(), order);
                    next += (long) BATCHES_PER_DRAW * course.batchSize();
                }
                lossSum += trainer.superviseStep(
                                ready.remove(ready.size() - 1),
                                course.learningRate().applyAsDouble(step))
                        .getOrDefault("loss", Double.NaN);
                lossSteps++;
                if ((step + 1) % TOLD_EVERY == 0 || step + 1 == course.steps()) {
                    trainer.write(directory);
                    listener.heard(new Progress(
                            step + 1, course.steps(), lossSum / lossSteps, (System.nanoTime() - start) / 1e9));
                    lossSum = 0;
                    lossSteps = 0;
                }
            }
        }
    }

    /** Draws several batches, sorts the items by length, cuts, and shuffles the batches. */
    private static List<List<Trainer.Example>> batches(
            ItemEncoder encoder, PretrainingItems items, long from, int batchSize, Random order) {
        List<Trainer.Example> drawn = new ArrayList<>();
        for (int i = 0; i < BATCHES_PER_DRAW * batchSize; i++) {
            PretrainingItem item = items.at(from + i);
            drawn.add(encoder.example(item));
        }
        drawn.sort(Comparator.comparingInt(TinyModel::length));
        List<List<Trainer.Example>> cut = new ArrayList<>();
        for (int i = 0; i < BATCHES_PER_DRAW; i++) {
            cut.add(List.copyOf(drawn.subList(i * batchSize, (i + 1) * batchSize)));
        }
        java.util.Collections.shuffle(cut, order);
        return cut;
    }

    private static int length(Trainer.Example example) {
        return example.prompt().tokens().length + example.instruction().length + example.completion().length;
    }
}
