package ai.consilium.learner.sft;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.learner.config.LearningRate;
import ai.consilium.learner.context.LearnerInputs;
import ai.consilium.learner.sft.Curriculum.Pick;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.training.Trainer;
import ai.consilium.random.SplitMix64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * Domain-specific adaptation (docs/algorithms.md, Supervised start): supervised fine-tuning of an adapter on reasoning
 * traces, of all specialties for the start that they share, then of one. Needs no Kafka, so that the command line can
 * run a longer one as a control. One caller at a time.
 */
public final class DomainAdaptation implements AutoCloseable {
    /** Hears of every step. */
    @FunctionalInterface
    public interface Progress {
        /**
         * A step was taken.
         *
         * @param share of the whole that is done, 0..1
         * @param figures loss, grad_norm, tokens, lr and step (1 for the first)
         * @return false to stop
         */
        boolean step(double share, Map<String, Double> figures);

        /** A part of a step was done; from a compute thread. */
        default void alive() {}
    }

    /** An adaptation by budget has no fixed number of steps: its schedule runs over this many parts of the budget. */
    private static final int BUDGET_PARTS = 1000;

    private static final double WARMUP_SHARE = 0.1;

    private final PromptEncoder encoder;
    private final LearnerConfig.Dsa config;
    private final Curriculum curriculum;
    private final Trainer trainer;
    private long taken;

    private DomainAdaptation(LearnerInputs inputs, LearnerConfig config, Curriculum curriculum, Adapter initial) {
        this.encoder = inputs.encoder();
        this.config = config.dsa();
        this.curriculum = curriculum;
        this.trainer = new Trainer(
                inputs.model(),
                inputs.compute(),
                initial,
                config.adamW(),
                config.activations().settings());
    }

    /**
     * Prepares the start that the experts of a run share: the traces of all specialties in equal shares, from a new
     * adapter.
     *
     * @param seed of the run
     * @throws IllegalArgumentException when there is no case of a specialty
     */
    public static DomainAdaptation shared(
            LearnerInputs inputs, List<String> specialties, LearnerConfig config, long seed) {
        List<Case> cases = inputs.cases().training(0).cases();
        List<String> perspectives = perspectives(inputs, config);
        List<TraceOrder> parts = specialties.stream()
                .map(specialty -> new TraceOrder(cases, specialty, perspectives, config.dsa()::tracesOf, 0, seed))
                .toList();
        return new DomainAdaptation(inputs, config, Curriculum.together(parts), initial(inputs, config, seed));
    }

    /**
     * Prepares the adaptation of one specialty.
     *
     * @param initial what it starts from
     * @param seed of the run
     * @throws IllegalArgumentException when there is no case of the specialty
     */
    public static DomainAdaptation of(
            LearnerInputs inputs, String specialty, LearnerConfig config, long seed, Adapter initial) {
        List<Case> cases = inputs.cases().training(0).cases();
        TraceOrder order = new TraceOrder(
                cases,
                specialty,
                perspectives(inputs, config),
                config.dsa()::tracesOf,
                config.dsa().replay(),
                seed);
        return new DomainAdaptation(inputs, config, order, initial);
    }

    private static List<String> perspectives(LearnerInputs inputs, LearnerConfig config) {
        return config.dsa().perspectivesOf(inputs.encoder().layout().perspectives());
    }

    /** The adapter that every expert of a run descends from: step 0 equals the base model exactly. */
    public static Adapter initial(LearnerInputs inputs, LearnerConfig config, long seed) {
        LearnerConfig.Lora lora = config.lora();
        return Adapter.initial(
                inputs.model().directory(), lora.rank(), lora.alpha(), lora.targets(), SplitMix64.seed(seed, "lora"));
    }

    /**
     * Takes a number of steps; the rate warms up over a tenth of them and falls to 0.
     *
     * @return the adapter; empty when the progress callback stopped it
     */
    public Optional<Adapter> run(int steps, Progress progress) throws InterruptedException {
        trainer.onProgress(progress::alive);
        double warmup = Math.max(1, WARMUP_SHARE * steps);
        for (int step = 1; step <= steps; step++) {
            double rate = LearningRate.at(config.learningRate(), step, steps, warmup, 0);
            if (!step((double) step / steps, rate, progress)) {
                return Optional.empty();
            }
        }
        return Optional.of(trainer.adapter());
    }

    /**
     * Takes steps until a budget is spent, with the same warm-up and decay over it.
     *
     * @param spent share of the budget that is spent, 0..1, asked before every step: of steps, or of time
     * @return the adapter; empty when the progress callback stopped it
     */
    public Optional<Adapter> runUntil(DoubleSupplier spent, Progress progress) throws InterruptedException {
        trainer.onProgress(progress::alive);
        for (double share = spent.getAsDouble(); share < 1; share = spent.getAsDouble()) {
            double rate = LearningRate.at(
                    config.learningRate(), 1 + share * BUDGET_PARTS, BUDGET_PARTS, WARMUP_SHARE * BUDGET_PARTS, 0);
            if (!step(share, rate, progress)) {
                return Optional.empty();
            }
        }
        return Optional.of(trainer.adapter());
    }

    /** Cases that are imitated, without replay. */
    public int traces() {
        return curriculum.traces();
    }

    @Override
    public void close() {
        trainer.close();
    }

    private boolean step(double share, double rate, Progress progress) throws InterruptedException {
        List<Trainer.Example> batch = curriculum.batch(taken, config.batchSize()).stream()
                .map(this::example)
                .toList();
        Map<String, Double> figures = new java.util.TreeMap<>(trainer.superviseStep(batch, rate));
        taken++;
        figures.put("lr", rate);
        figures.put("step", (double) taken);
        return progress.step(share, figures);
    }

    private Trainer.Example example(Pick pick) {
        PromptEncoder.Encoded prompt = encoder.encode(CaseLibrary.TRAINING_FILE, pick.of(), pick.perspective());
        int[] completion = encoder.trace(pick.of(), pick.perspective());
        return new Trainer.Example(prompt.prefix(), prompt.instruction(), completion);
    }
}
