package ai.consilium.policy.training;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.NonFiniteGradientException;
import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Parameters with their moments, in native memory. One caller at a time. */
final class AdamW {
    private static final String FIRST = ".exp_avg";
    private static final String SECOND = ".exp_avg_sq";

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

    /** Goes on from a state. @throws ModelException naming a moment that is missing or of a wrong shape */
    static AdamW restored(
            Script script, Trainer.Optimiser settings, ResidentAdapter adapter, Trainer.State state, Scope scope) {
        return new AdamW(
                script,
                settings,
                adapter.leaves(),
                stored(state, adapter, FIRST, scope),
                stored(state, adapter, SECOND, scope),
                state.step());
    }

    private static List<Tensor> stored(Trainer.State state, ResidentAdapter adapter, String suffix, Scope scope) {
        List<Tensor> moments = new ArrayList<>();
        for (int i = 0; i < adapter.names().size(); i++) {
            String name = adapter.names().get(i) + suffix;
            HostTensor moment = state.moments().get(name);
            long[] needed = adapter.leaves().get(i).shape();
            if (moment == null || !Arrays.equals(moment.shape(), needed)) {
                throw new ModelException("checkpoint: moment " + name + " is missing or does not have the shape "
                        + Arrays.toString(needed));
            }
            moments.add(scope.floats(moment.values(), needed));
        }
        return moments;
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

    /** Both moments on the host. @param names of the parameters */
    SortedMap<String, HostTensor> moments(List<String> names) {
        SortedMap<String, HostTensor> moments = new TreeMap<>();
        moments.putAll(host(names, FIRST, first));
        moments.putAll(host(names, SECOND, second));
        return moments;
    }

    private static SortedMap<String, HostTensor> host(List<String> names, String suffix, List<Tensor> tensors) {
        return ResidentAdapter.host(names.stream().map(name -> name + suffix).toList(), tensors);
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
