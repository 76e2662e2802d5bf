package ai.consilium.cases.grading;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.Markup;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * The verifiable checks: answer extraction and format (docs/algorithms.md, Rewards). Pure; white space never matters, and the
 * time taken is linear in the completion's length.
 */
public final class Grading {
    /** How an answer is found. In each, a letter alone is that letter, whatever text another option has. */
    public enum Mode {
        /** The one answer element must hold an option letter or an option's text, and nothing else. */
        STRICT(StrictAnswer::of),
        /** The answer element, else the last box, must name one option in any of the forms that models write it in. */
        LENIENT(LenientAnswer::of),
        /** What MedEvalKit takes it for: always an option, if only the one nearest to what was said. For comparing figures. */
        COMPAT((of, completion) -> Optional.of(CompatAnswer.of(of, completion)));

        private final BiFunction<Case, String, Optional<String>> extractor;

        Mode(BiFunction<Case, String, Optional<String>> extractor) {
            this.extractor = extractor;
        }

        /** As it is written in a configuration. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Letter of the option that a completion answers with. */
    public static Optional<String> answer(Case of, String completion, Mode mode) {
        return mode.extractor.apply(of, completion);
    }

    /** Whether the extracted answer is the label. */
    public static boolean correct(Case of, String completion, Mode mode) {
        return answer(of, completion, mode).map(of.label()::equals).orElse(false);
    }

    /**
     * Whether it is exactly one think element, one answer element and an end token, both elements with something in them and no
     * other mark-up anywhere.
     */
    public static boolean wellFormed(String completion, EndTokens ends) {
        String text = ends.without(completion).strip();
        int thought = text.indexOf(Markup.THINK_END);
        if (!ends.end(completion) || !text.startsWith(Markup.THINK_START) || thought < 0) {
            return false;
        }
        String answer = text.substring(thought + Markup.THINK_END.length()).strip();
        return answer.startsWith(Markup.ANSWER_START)
                && answer.endsWith(Markup.ANSWER_END)
                && plain(text.substring(Markup.THINK_START.length(), thought), ends)
                && plain(
                        answer.substring(Markup.ANSWER_START.length(), answer.length() - Markup.ANSWER_END.length()),
                        ends);
    }

    private static boolean plain(String text, EndTokens ends) {
        return !text.isBlank()
                && Markup.SPECIAL.stream().noneMatch(text::contains)
                && ends.texts().stream().noneMatch(text::contains);
    }

    private Grading() {}
}
