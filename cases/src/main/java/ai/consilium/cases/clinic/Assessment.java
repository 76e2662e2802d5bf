package ai.consilium.cases.clinic;

import ai.consilium.cases.format.Case.Finding;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a published rule makes of a patient.
 *
 * @param steps findings in the rule's order
 * @param answer text of the right option
 */
record Assessment(List<Step> steps, String answer) {
    /** A finding, and the rule's running score once it is counted; null where the rule does not score it. */
    record Step(Finding finding, @Nullable Integer total) {
        /** In the wording of the traces, for example {@code urea high 1}. */
        String words() {
            String named = finding.name() + " " + finding.value();
            return total == null ? named : named + " " + total;
        }
    }

    Assessment {
        steps = List.copyOf(steps);
    }

    /** The rule's score, or null where it has none. */
    @Nullable
    Integer score() {
        return steps.get(steps.size() - 1).total();
    }

    List<Finding> findings() {
        return steps.stream().map(Step::finding).toList();
    }

    /** Adds up findings in order. */
    static final class Tally {
        private final List<Step> steps = new ArrayList<>();
        private int total;

        /** A finding that the rule looks at without points. */
        Tally note(Finding finding) {
            steps.add(new Step(finding, null));
            return this;
        }

        /** A finding that adds points where abnormal. */
        Tally add(Finding finding, int points) {
            total += finding.abnormal() ? points : 0;
            steps.add(new Step(finding, total));
            return this;
        }

        /** A finding that lifts a grade to at least this one where abnormal. */
        Tally lift(Finding finding, int grade) {
            total = finding.abnormal() ? Math.max(total, grade) : total;
            steps.add(new Step(finding, total));
            return this;
        }

        int total() {
            return total;
        }

        Assessment concludes(String answer) {
            return new Assessment(steps, answer);
        }
    }
}
