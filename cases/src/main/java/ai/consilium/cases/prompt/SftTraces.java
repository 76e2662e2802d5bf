package ai.consilium.cases.prompt;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.Markup;

/** The completions that domain-specific adaptation imitates. Pure. */
public final class SftTraces {
    /**
     * &lt;think&gt; … &lt;/think&gt; &lt;answer&gt; … &lt;/answer&gt; &lt;|im_end|&gt; for a case under a perspective: its own
     * trace where it has one, else a template over the answer (real cases carry none). Canonical words, single spaces.
     *
     * @throws CaseException for an unknown perspective
     */
    public static String completion(Case of, String perspective) {
        String own = of.traces().get(perspective);
        String answer = Markup.words(of.answer());
        return Markup.completion(own == null ? template(of, answer, perspective) : Markup.words(own), answer);
    }

    private static String template(Case of, String answer, String perspective) {
        return switch (perspective) {
            case Perspective.DIFFERENTIAL -> "the image favours " + answer + " over " + rival(of);
            case Perspective.INTUITIVE -> "at first sight " + answer;
            case Perspective.BAYESIAN -> "the evidence favours " + answer;
            case Perspective.ANALYTICAL, Perspective.NONE -> "the image shows " + answer;
            default -> throw Perspective.unknown(perspective);
        };
    }

    /** The first option that is not the answer: a case without evidence does not say which one is near. */
    private static String rival(Case of) {
        return of.options().entrySet().stream()
                .filter(option -> !option.getKey().equals(of.label()))
                .findFirst()
                .map(option -> Markup.words(option.getValue()))
                .orElse("nothing");
    }

    private SftTraces() {}
}
