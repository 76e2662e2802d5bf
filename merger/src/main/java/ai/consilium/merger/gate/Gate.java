package ai.consilium.merger.gate;

import java.util.List;

/**
 * Decides whether an agent may take the place of the best so far: neither its mean validation accuracy over the specialties nor
 * that in any one of them may be lower by more than the tolerance. In one specialty there are few cases: there the whole paired
 * interval must lie below.
 */
public final class Gate {
    /**
     * What the gate says.
     *
     * @param meanHolds whether the mean does not fall short
     * @param lost specialties in which the candidate is worse beyond doubt
     */
    public record Verdict(boolean meanHolds, List<String> lost) {
        /** Whether the candidate may be published as the agent. */
        public boolean admitted() {
            return meanHolds && lost.isEmpty();
        }
    }

    /**
     * Compares a candidate with the agent that stands.
     *
     * @param tolerance accuracy, 0..1, that may be lost
     */
    public static Verdict judge(Marks candidate, Marks standing, double tolerance) {
        // A rounding step of the means must not refuse an equal agent.
        boolean holds = candidate.mean() >= standing.mean() - tolerance - 1e-12;
        return new Verdict(holds, behind(candidate, standing, tolerance));
    }

    /** Specialties whose whole paired interval lies below, by more than the tolerance. */
    public static List<String> behind(Marks candidate, Marks other, double tolerance) {
        return candidate.specialties().stream()
                .filter(specialty -> candidate.ahead(other, specialty).high() < -tolerance)
                .toList();
    }

    private Gate() {}
}
