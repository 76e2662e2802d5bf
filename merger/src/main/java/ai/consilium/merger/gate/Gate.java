package ai.consilium.merger.gate;

import java.util.Map;
import java.util.TreeMap;

/**
 * Decides whether a merged agent may be published: its mean validation accuracy over the specialties must not fall short of
 * the previous agent's by more than the tolerance.
 */
public final class Gate {
    /** Accuracy (0..1) on the validation cases by specialty. */
    public record Accuracy(Map<String, Double> bySpecialty) {
        public Accuracy {
            bySpecialty = Map.copyOf(bySpecialty);
        }

        /** Mean over the specialties, so that a large specialty does not decide alone; 0 where there are none. */
        public double mean() {
            // In name order: a sum of doubles depends on its order.
            return new TreeMap<>(bySpecialty)
                    .values().stream()
                            .mapToDouble(Double::doubleValue)
                            .average()
                            .orElse(0);
        }
    }

    /** Whether the candidate may replace the previous agent. */
    public static boolean admits(Accuracy candidate, Accuracy previous, double tolerance) {
        // A rounding step of the means must not refuse an equal agent.
        return candidate.mean() >= previous.mean() - tolerance - 1e-12;
    }

    private Gate() {}
}
