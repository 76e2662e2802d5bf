package ai.consilium.policy.training;

import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.compute.Interrupts;
import ai.consilium.policy.exchange.PartExchange;
import ai.consilium.policy.exchange.PartGradient;
import ai.consilium.policy.memory.ActivationMemory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import ai.consilium.policy.training.ActivationCheckpointing.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Loss and gradients of batches, part by part. Parts are divided by the count of the whole batch, so that their gradients add up to
 * the batch's, in the order of the parts whoever computes them: the bits depend on the batch alone. A part is one graph, or, where
 * that would be too large, goes layer by layer ({@link CheckpointedGroup}: of an adapter's leaves).
 */
public final class GradientAccumulator {
    private final PolicyModel model;
    private final PolicyModel.Weights weights;
    private final @Nullable ResidentAdapter adapter;
    private final List<Tensor> leaves;
    private final ActivationCheckpointing checkpointing;
    private final ActivationMemory memory;
    private final Workers workers;

    /** Who computes the parts of a batch. */
    interface Workers {
        /** The thread that calls, which is a compute thread. */
        Workers CALLER = (parts, work) -> {
            for (int part = 0; part < parts; part++) {
                work.run(part);
            }
        };

        /** Does them all, each on a compute thread. @param parts how many */
        void share(int parts, Compute.Piece work) throws InterruptedException;
    }

    /**
     * What a batch gives.
     *
     * @param loss of the whole batch
     * @param gradients of the leaves, owned by the caller's scope; empty when no token carries loss
     */
    public record Result(double loss, List<Tensor> gradients) {
        /** A weighted sum with another result of the same leaves. */
        Result mixed(double weight, Result other, double otherWeight, Script script, Scope into) {
            return new Result(
                    weight * loss + otherWeight * other.loss,
                    script.call(into, "weighted_sum", gradients, weight, other.gradients, otherWeight));
        }

        /** Times a weight. */
        Result scaled(double weight, Script script, Scope into) {
            return gradients.isEmpty() ? this : mixed(weight, this, 0, script, into);
        }
    }

    /** A loss of one part. */
    interface Objective {
        /** What it needs of a part before that goes through the policy. @param number which one, from 0 */
        default void prepare(int number, Part part) throws InterruptedException {
            // Most need nothing.
        }

        /** Another process has computed a part. @param sums its figures there */
        default void received(int part, double[] sums) {
            throw new IllegalStateException("parts of this loss are computed here");
        }

        /**
         * Computes it.
         *
         * @param part which one, from 0
         * @param logprobs log-probabilities [M] and entropies [M]
         * @param scope of the part
         * @return a scalar: the part's share of the batch's loss
         */
        Tensor of(int part, List<Tensor> logprobs, LossBatch batch, Scope scope);
    }

    /** Of any leaves: one graph for each part, computed on the thread that calls. */
    public GradientAccumulator(
            PolicyModel model, PolicyModel.Weights weights, @Nullable ResidentAdapter adapter, List<Tensor> leaves) {
        this(model, weights, adapter, leaves, ActivationCheckpointing.OFF, Workers.CALLER);
    }

    private GradientAccumulator(
            PolicyModel model,
            PolicyModel.Weights weights,
            @Nullable ResidentAdapter adapter,
            List<Tensor> leaves,
            ActivationCheckpointing checkpointing,
            Workers workers) {
        this.model = model;
        this.weights = weights;
        this.adapter = adapter;
        this.leaves = leaves;
        this.checkpointing = checkpointing;
        this.memory = ActivationMemory.of(model.directory(), model.precision());
        this.workers = workers;
    }

    /** Of an adapter's leaves, computed on the thread that calls. @param adapter none: only log-probabilities, the base's */
    static GradientAccumulator of(
            PolicyModel model, @Nullable ResidentAdapter adapter, ActivationCheckpointing checkpointing) {
        return of(model, adapter, checkpointing, Workers.CALLER);
    }

    /** Of an adapter's leaves. @param adapter none: there are only log-probabilities, the base's */
    static GradientAccumulator of(
            PolicyModel model,
            @Nullable ResidentAdapter adapter,
            ActivationCheckpointing checkpointing,
            Workers workers) {
        List<Tensor> leaves = adapter == null ? List.of() : adapter.leaves();
        return new GradientAccumulator(model, model.weights(), adapter, leaves, checkpointing, workers);
    }

    /** Mean negative log-probability over {@code count} tokens. */
    public Result supervised(List<Trainer.Group> groups, double count, Scope scope) throws InterruptedException {
        return run(
                groups,
                (part, logprobs, batch, own) -> model.script()
                        .call(own, "supervised", logprobs.get(0), count)
                        .get(0),
                scope);
    }

    /** Loss and gradients of an objective. */
    Result run(List<Trainer.Group> groups, Objective objective, Scope scope) throws InterruptedException {
        return run(groups, objective, PartExchange.NOBODY, scope);
    }

    /** Loss and gradients of an objective. @param others that compute parts of it, too */
    Result run(List<Trainer.Group> groups, Objective objective, PartExchange others, Scope scope)
            throws InterruptedException {
        List<Part> parts = parts(groups);
        return sum(parts, prepared(parts, objective), others, objective::received, scope);
    }

    private PartWork prepared(List<Part> parts, Objective objective) {
        return (pass, part, own) -> {
            objective.prepare(part, parts.get(part));
            return pass.gradients(objective, part, own);
        };
    }

    /** Loss, gradients and figures of one part, for another process. On a compute thread. */
    PartGradient part(Part part, int number, PolicyObjective objective) throws InterruptedException {
        Interrupts.check("training");
        objective.prepare(number, part);
        try (Scope own = Scope.open();
                PartPass pass = pass(part)) {
            Result result = pass.gradients(objective, number, own);
            return new PartGradient(
                    result.loss(),
                    objective.sums().of(number),
                    result.gradients().stream().map(Tensor::floats).toList());
        }
    }

    /** Loss and gradients of a distillation. */
    Result distilled(List<Distillation.Lesson> lessons, Teachers teachers, DistillationObjective objective, Scope scope)
            throws InterruptedException {
        // One teacher a part: what it says of a part is one forward pass.
        SortedMap<String, List<Trainer.Group>> byTeacher = new TreeMap<>();
        for (Distillation.Lesson lesson : lessons) {
            byTeacher
                    .computeIfAbsent(lesson.teacher(), name -> new ArrayList<>())
                    .add(lesson.group());
        }
        List<Part> parts = new ArrayList<>();
        List<ResidentAdapter> taughtBy = new ArrayList<>();
        for (Map.Entry<String, List<Trainer.Group>> taught : byTeacher.entrySet()) {
            for (Part part : parts(taught.getValue())) {
                parts.add(part);
                taughtBy.add(teachers.named(taught.getKey()));
            }
        }
        return sum(
                parts,
                (pass, part, own) -> pass.distilled(taughtBy.get(part), objective, part, own),
                PartExchange.NOBODY,
                (part, sums) -> {},
                scope);
    }

    /** What is computed of a part. */
    private interface PartWork {
        Result of(PartPass pass, int part, Scope into) throws InterruptedException;
    }

    /** Hears of parts that were computed elsewhere. */
    private interface Received {
        void of(int part, double[] sums);
    }

    private Result sum(List<Part> parts, PartWork work, PartExchange others, Received received, Scope scope)
            throws InterruptedException {
        try (GradientSum sum = new GradientSum(model.script(), scope);
                PartExchange.Pass pass = others.begin(parts.size())) {
            while (sum.added() < parts.size()) {
                workers.share(pass.open(), any -> {
                    OptionalInt taken = pass.take();
                    if (taken.isPresent()) {
                        compute(parts, taken.getAsInt(), work, sum);
                        pass.computed(taken.getAsInt());
                    }
                });
                List<Map.Entry<Integer, PartGradient>> come =
                        sum.added() < parts.size() ? List.copyOf(pass.await().entrySet()) : List.of();
                workers.share(come.size(), i -> {
                    int part = come.get(i).getKey();
                    PartGradient gradient = come.get(i).getValue();
                    received.of(part, gradient.sums());
                    add(part, gradient, sum);
                });
            }
            return sum.result();
        }
    }

    private void compute(List<Part> parts, int number, PartWork work, GradientSum sum) throws InterruptedException {
        Interrupts.check("training");
        Scope own = Scope.open();
        Result result;
        try (PartPass pass = pass(parts.get(number))) {
            result = work.of(pass, number, own);
        } catch (Throwable e) {
            own.close();
            throw e;
        }
        sum.add(number, result, own);
    }

    private void add(int part, PartGradient gradient, GradientSum sum) {
        Scope own = Scope.open();
        List<Tensor> tensors = new ArrayList<>();
        try {
            for (int leaf = 0; leaf < leaves.size(); leaf++) {
                tensors.add(own.floats(
                        gradient.gradients().get(leaf), leaves.get(leaf).shape()));
            }
        } catch (Throwable e) {
            own.close();
            throw e;
        }
        sum.add(part, new Result(gradient.loss(), tensors), own);
    }

    private PartPass pass(Part part) {
        LossBatch batch = LossBatch.of(model.config(), part.groups());
        return part.checkpointed()
                ? new CheckpointedGroup(model, adapter, batch, memory, checkpointing.working())
                : new WholePart(model, weights, adapter, leaves, batch);
    }

    /** Log-probabilities of every part's tokens, in the order of {@link #run}'s parts; nothing is recorded for gradients. */
    List<float[]> logprobs(List<Trainer.Group> groups) throws InterruptedException {
        List<Part> parts = parts(groups);
        float[][] byPart = new float[parts.size()][];
        workers.share(parts.size(), number -> byPart[number] = logprobs(parts.get(number)));
        return List.of(byPart);
    }

    /** Log-probabilities of a part's tokens. On a compute thread. */
    float[] logprobs(Part part) throws InterruptedException {
        Interrupts.check("training");
        try (Scope own = Scope.open();
                PartPass pass = pass(part)) {
            return pass.logprobs(own).get(0).floats();
        }
    }

    /** What a batch is taken through the model as, in order. */
    List<Part> parts(List<Trainer.Group> groups) {
        return checkpointing.parts(groups, memory);
    }
}
