package ai.consilium.policy.training;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Parameters with their moments, in native memory. One caller at a time. */
final class AdamW {
    private final Script script;
    private final Trainer.Optimiser settings;
    private final List<Tensor> parameters;
    private final List<Tensor> first;
    private final List<Tensor> second;
    private long step;

    /** Starts with the moments given, after {@code step} steps. */
    AdamW(
            Script script,
            Trainer.Optimiser settings,
            List<Tensor> parameters,
            List<Tensor> first,
            List<Tensor> second,
            long step) {
        this.script = script;
        this.settings = settings;
        this.parameters = parameters;
        this.first = first;
        this.second = second;
        this.step = step;
    }

    /** Zero moments for parameters. */
    static List<Tensor> zeros(List<Tensor> parameters, Scope scope) {
        List<Tensor> zeros = new ArrayList<>();
        for (Tensor parameter : parameters) {
            zeros.add(scope.floats(new float[Math.toIntExact(parameter.size())], parameter.shape()));
        }
        return zeros;
    }

    /**
     * One step in place; no gradients count as zeros. Returns their norm before clipping.
     *
     * @throws ModelException when that is not finite; parameters and moments are as before
     */
    double step(List<Tensor> gradients, double learningRate) {
        try (Scope scope = Scope.open()) {
            List<Tensor> all = gradients.isEmpty() ? zeros(parameters, scope) : gradients;
            double norm = script.call(
                            scope,
                            "adamw",
                            parameters,
                            first,
                            second,
                            all,
                            learningRate,
                            settings.beta1(),
                            settings.beta2(),
                            settings.epsilon(),
                            settings.weightDecay(),
                            settings.clipNorm(),
                            step + 1)
                    .get(0)
                    .scalar();
            if (!Double.isFinite(norm)) {
                throw new ModelException("the norm of the gradient is " + norm);
            }
            step++;
            return norm;
        }
    }

    List<Tensor> parameters() {
        return parameters;
    }

    List<Tensor> first() {
        return first;
    }

    List<Tensor> second() {
        return second;
    }

    long steps() {
        return step;
    }
}
