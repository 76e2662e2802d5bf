package ai.consilium.cases.clinic;

import ai.consilium.cases.format.Case.Finding;
import ai.consilium.cases.prompt.Perspective;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** An assessment told from each perspective, in canonical words: what domain-specific adaptation learns. */
final class TraceText {
    /** Trace by perspective. @param candidates the right answer and its nearest rival, mildest first */
    static Map<String, String> of(Assessment assessment, List<String> candidates, String usual) {
        String answer = assessment.answer();
        String stepwise = stepwise(assessment);
        Map<String, String> traces = new LinkedHashMap<>();
        traces.put(
                Perspective.DIFFERENTIAL,
                stepwise + " consider " + String.join(" or ", candidates) + " , favours " + answer);
        traces.put(Perspective.INTUITIVE, "at first sight " + striking(assessment) + " so " + answer);
        traces.put(Perspective.ANALYTICAL, stepwise + " so " + answer);
        traces.put(Perspective.BAYESIAN, "before " + usual + " is common , " + stepwise + " after that " + answer);
        traces.put(Perspective.NONE, stepwise + " so " + answer);
        return traces;
    }

    /** Every finding in the rule's order with its running score. */
    private static String stepwise(Assessment assessment) {
        String steps = assessment.steps().stream().map(Assessment.Step::words).collect(Collectors.joining(" "));
        return assessment.score() == null ? steps : steps + " score " + assessment.score();
    }

    private static String striking(Assessment assessment) {
        String abnormal = assessment.findings().stream()
                .filter(Finding::abnormal)
                .map(finding -> finding.name() + " " + finding.value())
                .collect(Collectors.joining(" "));
        return abnormal.isEmpty() ? "all normal" : abnormal;
    }

    private TraceText() {}
}
