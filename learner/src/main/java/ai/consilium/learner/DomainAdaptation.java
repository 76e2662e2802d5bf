package ai.consilium.learner;

import ai.consilium.cases.CaseFile;
import ai.consilium.cases.Traces;
import ai.consilium.inference.PromptEncoder;
import ai.consilium.learner.TraceOrder.Pick;
import ai.consilium.policy.Adapter;
import ai.consilium.policy.Compute;
import ai.consilium.policy.PolicyModel;
import ai.consilium.policy.Trainer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * Domain-specific adaptation (ALGORITHMS section 2): supervised fine-tuning of one specialty's adapter on reasoning traces.
 * Needs no Kafka, so that the command line can run a longer one as a control. One caller at a time.
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
    }

    /** A continuation has no fixed number of steps: its schedule runs over this many parts of its budget. */
    private static final int BUDGET_PARTS = 1000;

    private static final double WARMUP_SHARE = 0.1;

    private final PromptEncoder encoder;
    private final String file;
    private final LearnerConfig.Dsa config;
    private final TraceOrder order;
    private final Trainer trainer;
    private long taken;

    /**
     * Prepares the adaptation of one specialty.
     *
     * @param file name of the training file under the data root, as the encoder's library knows it
     * @param cases its content
     * @param seed of the run
     * @throws IllegalArgumentException when there is no case of the specialty
     */
    public DomainAdaptation(
            PolicyModel model,
            Compute compute,
            PromptEncoder encoder,
            String file,
            CaseFile cases,
            String specialty,
            LearnerConfig config,
            long seed) {
        this.encoder = encoder;
        this.file = file;
        this.config = config.dsa();
        this.order = new TraceOrder(
                cases.cases(),
                specialty,
                config.dsa()::tracesOf,
                config.dsa().replay(),
                Seeds.of(seed, "dsa", specialty));
        LearnerConfig.Lora lora = config.lora();
        Adapter initial =
                Adapter.initial(model.directory(), lora.rank(), lora.alpha(), lora.targets(), Seeds.of(seed, "lora"));
        this.trainer = new Trainer(model, compute, initial, config.adamW());
    }

    /**
     * Takes the configured steps.
     *
     * @return the adapter; empty when the progress callback stopped it
     */
    public Optional<Adapter> run(Progress progress) throws InterruptedException {
        int steps = config.steps();
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
     * Goes on where {@link #run} ended, with the same warm-up and decay again, until a budget is spent.
     *
     * @param spent share of the budget that is spent, 0..1, asked before every step: of steps, or of time
     * @return the adapter; empty when the progress callback stopped it
     */
    public Optional<Adapter> continueUntil(DoubleSupplier spent, Progress progress) throws InterruptedException {
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
        return order.own().size();
    }

    @Override
    public void close() {
        trainer.close();
    }

    private boolean step(double share, double rate, Progress progress) throws InterruptedException {
        List<Trainer.Example> batch = order.batch(taken, config.batchSize()).stream()
                .map(this::example)
                .toList();
        Map<String, Double> figures = new java.util.TreeMap<>(trainer.superviseStep(batch, rate));
        taken++;
        figures.put("lr", rate);
        figures.put("step", (double) taken);
        return progress.step(share, figures);
    }

    private Trainer.Example example(Pick pick) {
        PromptEncoder.Encoded prompt = encoder.encode(file, pick.of(), pick.perspective());
        int[] completion = encoder.completion(Traces.completion(pick.of(), pick.perspective()));
        return new Trainer.Example(prompt.prefix(), prompt.instruction(), completion);
    }
}
