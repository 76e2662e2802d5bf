package ai.consilium.cli.build;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.Markup;
import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.grading.Grading;
import ai.consilium.cli.build.TraceVerdict.Kept;
import ai.consilium.cli.build.TraceVerdict.Reason;
import ai.consilium.cli.build.TraceVerdict.Refused;
import ai.consilium.platform.chat.ChatAnswer;
import ai.consilium.reward.rubric.Rubric;
import ai.consilium.reward.scorer.Verdict;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Looks at an answer as the rewards would: its form, its option, the guideline of its perspective. Pure. */
final class TraceExam {
    private final Map<String, Rubric> rubrics;
    private final double minScore;

    TraceExam(Map<String, Rubric> rubrics, double minScore) {
        this.rubrics = rubrics;
        this.minScore = minScore;
    }

    TraceVerdict of(Case about, String perspective, ChatAnswer answer) {
        if (answer.cut()) {
            return new Refused(Reason.CUT, "after " + answer.completionTokens() + " tokens");
        }
        String completion = completion(answer);
        if (!Grading.wellFormed(completion, EndTokens.TURN_END)) {
            return new Refused(Reason.FORM, "is not one thought and one answer");
        }
        // Only the thought is kept, so that the answer may have any form that names one option.
        Optional<String> said = Grading.answer(about, EndTokens.TURN_END.without(completion), Grading.Mode.LENIENT);
        if (said.isEmpty()) {
            return new Refused(Reason.NO_OPTION, "the answer is no option");
        }
        if (!said.get().equals(about.label())) {
            return new Refused(Reason.WRONG, "answer " + said.get() + ", label " + about.label());
        }
        Rubric rubric = rubrics.get(perspective);
        if (rubric == null || !(rubric.score(about, completion) instanceof Verdict.Scored scored)) {
            return new Kept(thought(completion), null);
        }
        if (scored.value() < minScore) {
            return new Refused(
                    Reason.GUIDELINE,
                    String.format(Locale.ROOT, "%.3f: ", scored.value()) + String.join("; ", scored.evidence()));
        }
        return new Kept(thought(completion), scored.value());
    }

    /** An answer as the policy would write it: some servers give the thought apart, or its opening tag in the prompt. */
    private static String completion(ChatAnswer answer) {
        String text = EndTokens.TURN_END.without(answer.text()).strip();
        if (!text.contains(Markup.THINK_START)) {
            if (text.contains(Markup.THINK_END)) {
                text = Markup.THINK_START + text;
            } else if (!answer.reasoning().isBlank()) {
                text = Markup.THINK_START + answer.reasoning() + Markup.THINK_END + text;
            }
        }
        return text + Markup.TURN_END;
    }

    private static String thought(String completion) {
        int from = completion.indexOf(Markup.THINK_START) + Markup.THINK_START.length();
        return completion.substring(from, completion.indexOf(Markup.THINK_END)).strip();
    }
}
