package ai.consilium.merger;

import ai.consilium.evaluation.Interval;
import ai.consilium.merger.gate.Gate;
import ai.consilium.merger.gate.Marks;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which candidate is the best, whether it may be published, and how it compares. Pure.
 *
 * @param chosen the one with the best mean; of equal ones the later
 * @param routed marks of the experts, each in its own specialty
 * @param standing what stands, if there is anything
 * @param verdict of the gate on the two
 */
record Judgement(Candidate chosen, Marks routed, Optional<Standing> standing, Optional<Gate.Verdict> verdict) {
    /**
     * What a candidate would take the place of.
     *
     * @param agent whether the gate let it through once; if not, it is what the experts started from
     */
    record Standing(Marks marks, boolean agent) {}

    /** @param tolerance of the gate */
    static Judgement of(List<Candidate> candidates, Marks routed, Optional<Standing> standing, double tolerance) {
        Candidate chosen = candidates.get(0);
        for (Candidate candidate : candidates) {
            chosen = candidate.marks().mean() >= chosen.marks().mean() ? candidate : chosen;
        }
        Marks marks = chosen.marks();
        return new Judgement(
                chosen, routed, standing, standing.map(stands -> Gate.judge(marks, stands.marks(), tolerance)));
    }

    /** What the experts started from is no agent yet: nobody relies on what it does well, so that its mean alone counts. */
    boolean admitted() {
        return verdict.map(gate -> gate.admitted()
                        || gate.meanHolds() && !standing.orElseThrow().agent())
                .orElse(true);
    }

    /** Accuracies, and the differences from the experts with their intervals. */
    SortedMap<String, Double> figures() {
        SortedMap<String, Double> figures = new TreeMap<>(chosen.figures());
        describe("val/accuracy", chosen.marks(), figures);
        describe("val/routed_accuracy", routed, figures);
        standing.ifPresent(stands -> describe("val/previous_accuracy", stands.marks(), figures));
        for (String specialty : chosen.marks().specialties()) {
            Interval ahead = chosen.marks().ahead(routed, specialty);
            figures.put("val/vs_expert/" + specialty, ahead.estimate());
            figures.put("val/vs_expert_low/" + specialty, ahead.low());
            figures.put("val/vs_expert_high/" + specialty, ahead.high());
        }
        return figures;
    }

    private static void describe(String name, Marks marks, Map<String, Double> figures) {
        figures.put(name + "/mean", marks.mean());
        marks.specialties().forEach(specialty -> figures.put(name + "/" + specialty, marks.accuracy(specialty)));
    }

    /** One sentence for people. */
    String told(long version) {
        StringBuilder told = new StringBuilder(
                admitted()
                        ? String.format(
                                Locale.ROOT,
                                "unified agent, version %d, published (%s): validation accuracy %.3f",
                                version,
                                chosen.name(),
                                chosen.marks().mean())
                        : String.format(
                                Locale.ROOT,
                                "%s agent refused: validation accuracy %.3f",
                                chosen.name(),
                                chosen.marks().mean()));
        standing.ifPresent(stands -> told.append(String.format(
                Locale.ROOT,
                ", %s has %.3f",
                stands.agent() ? "the agent that stands" : "the experts' start",
                stands.marks().mean())));
        told.append(String.format(Locale.ROOT, ", the experts in their own specialties %.3f", routed.mean()));
        verdict.filter(gate -> !gate.lost().isEmpty())
                .ifPresent(gate ->
                        told.append(" and is worse than what stands in ").append(String.join(", ", gate.lost())));
        for (String specialty : Gate.behind(chosen.marks(), routed, 0)) {
            Interval ahead = chosen.marks().ahead(routed, specialty);
            told.append(String.format(
                    Locale.ROOT,
                    "; in %s behind its expert by %.1f points [%.1f, %.1f]",
                    specialty,
                    -100 * ahead.estimate(),
                    -100 * ahead.high(),
                    -100 * ahead.low()));
        }
        return told.toString();
    }
}
