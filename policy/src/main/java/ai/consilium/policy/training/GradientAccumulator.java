package ai.consilium.policy.training;

import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.batch.DeviceBatch;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import ai.consilium.policy.torch.TorchRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Loss and gradients of batches, part by part in order. Parts are divided by the count of the whole batch, so that their
 * gradients add up to the batch's. Runs on a compute thread.
 */
public final class GradientAccumulator {
    /** Padded tokens of a part: enough to keep the cores busy, little enough to stay near the caches. */
    private static final int PART_TOKENS = 4096;

    private final PolicyModel model;
    private final PolicyModel.Weights weights;
    private final @Nullable ResidentAdapter adapter;
    private final List<Tensor> leaves;

    /**
     * What a batch gives.
     *
     * @param loss of the whole batch
     * @param gradients of the leaves, owned by the caller's scope; empty when no token carries loss
     */
    public record Result(double loss, List<Tensor> gradients) {}

    /** A loss of one part. */
    interface Objective {
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

    public GradientAccumulator(
            PolicyModel model, PolicyModel.Weights weights, @Nullable ResidentAdapter adapter, List<Tensor> leaves) {
        this.model = model;
        this.weights = weights;
        this.adapter = adapter;
        this.leaves = leaves;
    }

    /** What is taken through the model at once, in order. */
    public static List<List<Trainer.Group>> parts(List<Trainer.Group> groups) {
        return LossBatch.parts(groups, PART_TOKENS);
    }

    /** Mean negative log-probability over {@code count} tokens. */
    public Result supervised(List<Trainer.Group> groups, double count, Scope scope) throws InterruptedException {
        return run(
                groups,
                (part, logprobs, batch, own) ->
                        script().call(own, "supervised", logprobs.get(0), count).get(0),
                scope);
    }

    /** Loss and gradients of an objective. */
    Result run(List<Trainer.Group> groups, Objective objective, Scope scope) throws InterruptedException {
        return run(parts(groups), (part, batch, own) -> objective.of(part, logprobs(batch, own), batch, own), scope);
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
        List<List<Trainer.Group>> parts = new ArrayList<>();
        List<ResidentAdapter> teaching = new ArrayList<>();
        byTeacher.forEach((name, groups) -> {
            for (List<Trainer.Group> part : parts(groups)) {
                parts.add(part);
                teaching.add(teachers.named(name));
            }
        });
        return run(
                parts,
                (part, batch, own) -> {
                    // Pictures and prompts are the same for both.
                    DeviceBatch device = device(batch, own);
                    Tensor policy = nextTokens(batch, hidden(device, adapter, own), own);
                    Tensor teacher = nextTokens(batch, hidden(device, teaching.get(part), own), own);
                    return objective.of(policy, teacher, batch, own);
                },
                scope);
    }

    /** What is computed of one part with gradients. */
    private interface PartLoss {
        Tensor of(int part, LossBatch batch, Scope scope);
    }

    private Result run(List<List<Trainer.Group>> parts, PartLoss partLoss, Scope scope) throws InterruptedException {
        double loss = 0;
        List<Tensor> total = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            stopIfInterrupted();
            int part = i;
            try (Scope own = Scope.open()) {
                LossBatch batch = LossBatch.of(model.config(), parts.get(part));
                List<Tensor> gradients = TorchRuntime.recorded(() -> {
                    Tensor share = partLoss.of(part, batch, own);
                    List<Tensor> found = new ArrayList<>(script().call(own, "gradients", share, leaves));
                    found.add(share);
                    return found;
                });
                loss += gradients.remove(gradients.size() - 1).scalar();
                if (total.isEmpty()) {
                    gradients.forEach(gradient -> total.add(scope.adopt(gradient)));
                } else {
                    script().call(own, "add_all", total, gradients);
                }
            }
        }
        return new Result(loss, total);
    }

    /** Log-probabilities of every part's tokens, in the order of {@link #run}'s parts; nothing is recorded for gradients. */
    List<float[]> logprobs(List<Trainer.Group> groups) throws InterruptedException {
        List<float[]> byPart = new ArrayList<>();
        for (List<Trainer.Group> part : parts(groups)) {
            stopIfInterrupted();
            try (Scope own = Scope.open()) {
                byPart.add(
                        logprobs(LossBatch.of(model.config(), part), own).get(0).floats());
            }
        }
        return byPart;
    }

    private static void stopIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("training was interrupted");
        }
    }

    /** @return log-probabilities [M] and entropies [M] */
    private List<Tensor> logprobs(LossBatch batch, Scope scope) {
        int count = batch.at().length;
        return script().call(
                        scope,
                        "token_logprobs",
                        hidden(device(batch, scope), adapter, scope),
                        scope.longs(batch.at(), count),
                        scope.longs(batch.targets(), count),
                        scope.floats(batch.temperature(), count),
                        weights.decoder(),
                        model.suppressed());
    }

    /** @return log-probabilities [M, ids] */
    private Tensor nextTokens(LossBatch batch, Tensor hidden, Scope scope) {
        int count = batch.at().length;
        return script().call(
                        scope,
                        "next_tokens",
                        hidden,
                        scope.longs(batch.at(), count),
                        scope.floats(batch.temperature(), count),
                        weights.decoder(),
                        model.suppressed())
                .get(0);
    }

    private DeviceBatch device(LossBatch batch, Scope scope) {
        return DeviceBatch.of(model, weights, batch.prompts(), batch.packed(), scope);
    }

    private Tensor hidden(DeviceBatch device, @Nullable ResidentAdapter by, Scope scope) {
        List<Tensor> lora = by == null ? List.of() : by.fused(model, scope);
        return script().call(
                        scope,
                        "hidden_states",
                        device.embedded(),
                        device.valid(),
                        device.turned().cos(),
                        device.turned().sin(),
                        device.group(),
                        device.tokens(),
                        device.sampleValid(),
                        device.sampleTurned().cos(),
                        device.sampleTurned().sin(),
                        weights.decoder(),
                        lora)
                .get(0);
    }

    private Script script() {
        return model.script();
    }
}
