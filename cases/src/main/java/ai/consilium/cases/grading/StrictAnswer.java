package ai.consilium.cases.grading;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.Markup;
import ai.consilium.cases.format.Wording;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The one answer element holds an option's letter or an option's text, and nothing else. */
final class StrictAnswer {
    /** What is longer is not brought to its compatibility form, which takes more than linear time for some texts. */
    private static final int LONGEST = 4096;

    static Optional<String> of(Case of, String completion) {
        AnswerElements elements = AnswerElements.of(completion);
        boolean one = elements.paired() && elements.contents().size() == 1;
        return one ? option(of, elements.contents().get(0)) : Optional.empty();
    }

    /** An option by its letter, else by its text. */
    private static Optional<String> option(Case of, String said) {
        String words = Markup.words(said);
        return of.options().keySet().stream()
                .filter(letter -> Markup.words(letter).equals(words))
                .findFirst()
                .or(() -> text(of, Markup::words, words))
                .or(() -> words.length() > LONGEST ? Optional.empty() : alike(of, Wording.canonical(said)));
    }

    /** By a text that reads the same. What reads like a letter is none: strictly it is not that letter, nor what has it as text. */
    private static Optional<String> alike(Case of, String said) {
        boolean letter = of.options().keySet().stream().map(Wording::canonical).anyMatch(said::equals);
        return letter ? Optional.empty() : text(of, Wording::canonical, said);
    }

    private static Optional<String> text(Case of, UnaryOperator<String> reading, String said) {
        return of.options().entrySet().stream()
                .filter(option -> reading.apply(option.getValue()).equals(said))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private StrictAnswer() {}
}
