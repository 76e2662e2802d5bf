package ai.consilium.estimators;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The estimators by name: the one place that lists them. */
enum EstimatorKind {
    DR_GRPO(parameters -> new DrGrpo(Weights.of(parameters))),
    GBA(Gba::of),
    GDPO(parameters -> new Gdpo(Weights.of(parameters))),
    GRPO(parameters -> new Grpo(Weights.of(parameters))),
    RLOO(parameters -> new Rloo(Weights.of(parameters)));

    private final Function<Map<String, Double>, Estimator> make;

    EstimatorKind(Function<Map<String, Double>, Estimator> make) {
        this.make = make;
    }

    Estimator of(Map<String, Double> parameters) {
        return make.apply(parameters);
    }

    private String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static List<String> names() {
        return Arrays.stream(values()).map(EstimatorKind::label).toList();
    }

    static EstimatorKind named(String name) {
        return Arrays.stream(values())
                .filter(kind -> kind.label().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "estimator '" + name + "' is unknown; known are " + String.join(", ", names())));
    }
}
