package ai.consilium.reward.scorer.http;

import ai.consilium.cases.format.Case;
import ai.consilium.reward.scorer.ScoringRequest;

/** A case in words, for servers that know prompts and not cases. */
final class CaseText {
    private CaseText() {}

    /** Context, question and options, a line each; not the text that the model was given, which has a layout of its own. */
    static String prompt(ScoringRequest request) {
        Case about = request.about();
        StringBuilder text = new StringBuilder();
        about.context()
                .forEach((name, value) ->
                        text.append(name).append(": ").append(value).append('\n'));
        text.append(about.question()).append('\n');
        about.options()
                .forEach((letter, option) ->
                        text.append(letter).append(". ").append(option).append('\n'));
        return text.toString();
    }

    /** Prompt and completion, special tokens included. */
    static String whole(ScoringRequest request) {
        return prompt(request) + request.completion();
    }
}
