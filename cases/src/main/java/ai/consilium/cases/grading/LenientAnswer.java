package ai.consilium.cases.grading;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.Markup;
import java.util.List;
import java.util.Optional;

/**
 * What the answer element says, in any of the forms that models write an option in; where there is no answer element, what the
 * last box behind the thought says. Several elements must say the same, and marks that are not in pairs say nothing.
 */
final class LenientAnswer {
    static Optional<String> of(Case of, String completion) {
        AnswerElements elements = AnswerElements.of(completion);
        if (!elements.paired()) {
            return Optional.empty();
        }
        List<String> contents = elements.contents();
        OptionForms forms = new OptionForms(of);
        return contents.isEmpty()
                ? Boxes.last(behindThought(completion)).flatMap(forms::read)
                : agreed(forms, contents.stream().distinct().toList());
    }

    private static Optional<String> agreed(OptionForms forms, List<String> contents) {
        Optional<String> first = forms.read(contents.get(0));
        boolean same = contents.stream().allMatch(content -> forms.read(content).equals(first));
        return same ? first : Optional.empty();
    }

    /** What is said after the last thought: a box within it is a step on the way. */
    private static String behindThought(String completion) {
        int end = completion.lastIndexOf(Markup.THINK_END);
        return end < 0 ? completion : completion.substring(end + Markup.THINK_END.length());
    }

    private LenientAnswer() {}
}
