package ai.consilium.policy.training;

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
     * One step in place. Returns the norm of the gradients before clipping.
     *
     * @param gradients of all parameters; empty where no token carries loss: then there is no step, as weight decay and
     *     momentum alone would move the parameters
     * @throws NonFiniteGradientException when the norm is not finite; parameters and moments are as before
     */
    double step(List<Tensor> gradients, double learningRate) {
        if (gradients.isEmpty()) {
            return 0;
        }
        try (Scope scope = Scope.open()) {
            double norm = script.call(
                            scope,
                            "adamw",
                            parameters,
                            first,
                            second,
                            gradients,
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
                throw new NonFiniteGradientException(norm);
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
