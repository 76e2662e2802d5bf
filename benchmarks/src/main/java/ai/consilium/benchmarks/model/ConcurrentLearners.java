package ai.consilium.benchmarks.model;

import ai.consilium.policy.adapter.Gradient;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.training.Trainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Learners over one base, as many as there are compute threads, that take their steps at once, each with an adapter of its own. */
public final class ConcurrentLearners implements AutoCloseable {
    private final List<Trainer> trainers = new ArrayList<>();
    private final ExecutorService callers;
    private final LearnerWorkload work;
    private final LearnerWorkload.Recipe recipe;

    public ConcurrentLearners(PolicyModel policy, Compute compute, LearnerWorkload work, LearnerWorkload.Recipe recipe)
            throws InterruptedException {
        for (int i = 0; i < compute.threads(); i++) {
            trainers.add(new Trainer(policy, compute, work.adapter(), recipe.optimiser(), recipe.checkpointing()));
        }
        this.callers = Executors.newFixedThreadPool(trainers.size());
        this.work = work.sampledBy(trainers.get(0));
        this.recipe = recipe;
    }

    /** Of the next step; they are all alike. */
    public Gradient gradient() throws InterruptedException {
        return trainers.get(0).gradient(work.groups(), recipe.loss());
    }

    /** A batch with the log-probabilities of the policy that the next step starts from. */
    public LearnerWorkload recorded(LearnerWorkload batch) throws InterruptedException {
        return batch.sampledBy(trainers.get(0));
    }

    /** What they learn from, with the log-probabilities of their policy before its first step. */
    public LearnerWorkload work() {
        return work;
    }

    /** Every learner takes a step. */
    public void step() throws InterruptedException {
        List<Callable<Map<String, Double>>> steps = new ArrayList<>();
        for (Trainer trainer : trainers) {
            steps.add(
                    () -> trainer.policyStep(work.groups(), recipe.loss(), Optional.empty(), 1, recipe.learningRate()));
        }
        for (Future<Map<String, Double>> step : callers.invokeAll(steps)) {
            try {
                step.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("a learner failed", e.getCause());
            }
        }
    }

    /** How many there are. */
    public int count() {
        return trainers.size();
    }

    @Override
    public void close() {
        callers.shutdownNow();
        trainers.forEach(Trainer::close);
    }
}
