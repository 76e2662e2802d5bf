package ai.consilium.cases.grading;

import ai.consilium.cases.format.Markup;
import java.util.ArrayList;
import java.util.List;

/**
 * The answer elements of a completion.
 *
 * @param contents in order
 * @param paired whether every opening mark has its closing one and none lies in another; if not, the contents are those before
 *     the first that is astray
 */
record AnswerElements(List<String> contents, boolean paired) {
    /** Reads them, in time linear in the completion's length. */
    static AnswerElements of(String completion) {
        List<String> contents = new ArrayList<>();
        int open = completion.indexOf(Markup.ANSWER_START);
        int close = completion.indexOf(Markup.ANSWER_END);
        while (open >= 0 && close > open) {
            int from = open + Markup.ANSWER_START.length();
            open = completion.indexOf(Markup.ANSWER_START, from);
            if (open >= 0 && open < close) {
                return new AnswerElements(contents, false);
            }
            contents.add(completion.substring(from, close));
            close = completion.indexOf(Markup.ANSWER_END, close + Markup.ANSWER_END.length());
        }
        return new AnswerElements(contents, open < 0 && close < 0);
    }
}
