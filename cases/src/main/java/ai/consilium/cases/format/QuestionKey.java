package ai.consilium.cases.format;

import java.util.Optional;
import java.util.stream.Collectors;

/** What two splits must not share of a case's text. */
public final class QuestionKey {
    /** A shorter question, such as which lesion an image shows, is asked of many images. */
    private static final int TELLING_QUESTION = 80;

    /** Equal for cases that ask the same; empty for a case whose question alone does not tell it from others. */
    public static Optional<String> of(Case of) {
        if (!of.images().isEmpty() && of.question().length() < TELLING_QUESTION) {
            return Optional.empty();
        }
        String options =
                of.options().values().stream().map(Wording::canonical).sorted().collect(Collectors.joining("\n"));
        String context = of.context().entrySet().stream()
                .map(entry -> Wording.canonical(entry.getKey() + " " + entry.getValue()))
                .collect(Collectors.joining("\n"));
        return Optional.of(Wording.canonical(of.question()) + "\n\n" + options + "\n\n" + context);
    }

    private QuestionKey() {}
}
