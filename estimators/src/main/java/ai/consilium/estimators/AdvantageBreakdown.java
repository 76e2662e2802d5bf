package ai.consilium.estimators;

import java.util.LinkedHashMap;
import java.util.Map;

/** Named parts of an advantage, in the order in which they were put, so that equal groups have equal bytes. */
final class AdvantageBreakdown {
    private final Map<String, Double> parts = new LinkedHashMap<>();

    /** Starts with the raw scores. */
    static AdvantageBreakdown of(Observation observation) {
        return new AdvantageBreakdown()
                .put(RewardComponent.ACCURACY.label(), observation.accuracy())
                .put(RewardComponent.FORMAT.label(), observation.format())
                .put(RewardComponent.GUIDELINE.label(), observation.guideline());
    }

    /** Adds a part; NaN, which is unobserved, leaves it out. */
    AdvantageBreakdown put(String name, double value) {
        if (!Double.isNaN(value)) {
            parts.put(name, value);
        }
        return this;
    }

    Map<String, Double> map() {
        return parts;
    }
}
