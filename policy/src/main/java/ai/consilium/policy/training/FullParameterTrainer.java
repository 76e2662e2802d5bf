package ai.consilium.policy.training;

import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.ModelWriter;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.WeightLayout;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/**
 * Trains every parameter of a model on its own copy of the weights: how the tiny base is made. A batch is shared out over
 * all compute threads; the same batches, thread count and machine give the same bits. One caller at a time.
 */
public final class FullParameterTrainer implements AutoCloseable {
    private final PolicyModel model;
    private final Compute compute;
    private final Scope scope = Scope.open();
    private final PolicyModel.Weights weights;
    private final AdamW adamW;

    /** Starts from the model's weights; the model itself stays as it is. */
    public FullParameterTrainer(PolicyModel model, Compute compute, Trainer.Optimiser optimiser) {
        this.model = model;
        this.compute = compute;
        this.weights = PolicyModel.Weights.copy(model, scope);
        Set<Tensor> distinct = new LinkedHashSet<>(weights.decoder());
        distinct.addAll(weights.vision());
        List<Tensor> leaves = List.copyOf(distinct);
        leaves.forEach(Tensor::requireGradient);
        this.adamW =
                new AdamW(model.script(), optimiser, leaves, AdamW.zeros(leaves, scope), AdamW.zeros(leaves, scope), 0);
    }

    /** One supervised step: mean over the batch's completion tokens. @return figures: loss, grad_norm, tokens */
    public Map<String, Double> superviseStep(List<Trainer.Example> batch, double learningRate)
            throws InterruptedException {
        List<Trainer.Group> groups = batch.stream().map(Trainer.Example::group).toList();
        double tokens = LossBatch.tokens(groups);
        try (Scope step = Scope.open()) {
            List<GradientAccumulator.Result> results =
                    compute.callAll(Compute.Urgency.TRAIN, shares(groups, Math.max(1, tokens), step));
            return compute.call(Compute.Urgency.TRAIN, () -> {
                double loss = 0;
                List<Tensor> total = List.of();
                for (GradientAccumulator.Result result : results) {
                    loss += result.loss();
                    if (total.isEmpty()) {
                        total = result.gradients();
                    } else if (!result.gradients().isEmpty()) {
                        model.script().call(step, "add_all", total, result.gradients());
                    }
                }
                Map<String, Double> figures = new LinkedHashMap<>();
                figures.put("loss", loss);
                figures.put("grad_norm", adamW.step(total, learningRate));
                figures.put("tokens", tokens);
                return figures;
            });
        }
    }

    private List<Callable<GradientAccumulator.Result>> shares(List<Trainer.Group> groups, double count, Scope step) {
        GradientAccumulator gradients = new GradientAccumulator(model, weights, null, adamW.parameters());
        List<Callable<GradientAccumulator.Result>> shares = new ArrayList<>();
        int threads = compute.threads();
        for (int i = 0; i < threads; i++) {
            List<Trainer.Group> share = groups.subList(groups.size() * i / threads, groups.size() * (i + 1) / threads);
            shares.add(() -> gradients.supervised(share, count, step));
        }
        return shares;
    }

    /** Writes a model directory of the weights as they are: loadable with {@link ModelDirectory#open}. */
    public void write(Path directory) {
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        split(WeightLayout.decoder(model.config()), weights.decoder(), tensors);
        split(WeightLayout.vision(model.config()), weights.vision(), tensors);
        ModelWriter.write(directory, model.directory(), tensors);
    }

    private static void split(
            List<WeightLayout.Slot> slots, List<Tensor> resident, SortedMap<String, HostTensor> into) {
        for (int i = 0; i < slots.size(); i++) {
            float[] values = resident.get(i).floats();
            int at = 0;
            for (WeightLayout.Part part : slots.get(i).parts()) {
                int end = Math.toIntExact(at + part.size());
                into.put(part.name(), part.tensor(java.util.Arrays.copyOfRange(values, at, end)));
                at = end;
            }
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
