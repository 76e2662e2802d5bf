package ai.consilium.cases.grading;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.Markup;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The verifiable checks: answer extraction and format (docs/algorithms.md, Rewards). Pure; white space never matters.
 */
public final class Grading {
    private static final Pattern ANSWER =
            Pattern.compile(Markup.ANSWER_START + "(.*?)" + Markup.ANSWER_END, Pattern.DOTALL);
    private static final Pattern WHOLE = Pattern.compile(
            "\\s*" + Markup.THINK_START + "(.*?)" + Markup.THINK_END + "\\s*" + Markup.ANSWER_START + "(.*?)"
                    + Markup.ANSWER_END + "\\s*" + Pattern.quote(Markup.TURN_END) + "\\s*",
            Pattern.DOTALL);
    /** An option's letter before what MedEvalKit cuts off: {@code B. ward}, {@code (b) ward}, {@code answer: b}. */
    private static final Pattern LETTERED =
            Pattern.compile("(?:.*:)?\\s*\\(?\\s*([a-z])\\s*(?:[.):].*)?", Pattern.DOTALL);

    /** How an answer is found. */
    public enum Mode {
        /** The one answer element must hold an option letter or an option's text, and nothing else. */
        STRICT,
        /** MedEvalKit's behaviour: letter, letter with text, text, else the option nearest to what was said. */
        COMPAT
    }

    /** Letter of the option that a completion answers with. */
    public static Optional<String> answer(Case of, String completion, Mode mode) {
        if (mode == Mode.STRICT) {
            return element(completion).flatMap(said -> option(of, said));
        }
        String said = lastAnswer(completion);
        return option(of, said).or(() -> lettered(of, said)).or(() -> nearest(of, said));
    }

    /** Whether the extracted answer is the label. */
    public static boolean correct(Case of, String completion, Mode mode) {
        return answer(of, completion, mode).map(of.label()::equals).orElse(false);
    }

    /**
     * Whether it is exactly one think element, one answer element and the end token, both elements with something in
     * them and no other mark-up anywhere.
     */
    public static boolean wellFormed(String completion) {
        Matcher whole = WHOLE.matcher(completion);
        return whole.matches() && plain(whole.group(1)) && plain(whole.group(2));
    }

    private static boolean plain(String text) {
        return !text.isBlank() && Markup.SPECIAL.stream().noneMatch(text::contains);
    }

    /** Content of the answer element where there is exactly one: two answers are none. */
    private static Optional<String> element(String completion) {
        Matcher answer = ANSWER.matcher(completion);
        if (!answer.find()) {
            return Optional.empty();
        }
        String content = answer.group(1);
        boolean once =
                occurrences(completion, Markup.ANSWER_START) == 1 && occurrences(completion, Markup.ANSWER_END) == 1;
        return once ? Optional.of(content) : Optional.empty();
    }

    private static int occurrences(String text, String part) {
        return (text.length() - text.replace(part, "").length()) / part.length();
    }

    /** An option by its letter, else by its text. */
    private static Optional<String> option(Case of, String said) {
        String words = Markup.words(said);
        return of.options().keySet().stream()
                .filter(letter -> Markup.words(letter).equals(words))
                .findFirst()
                .or(() -> of.options().entrySet().stream()
                        .filter(option -> Markup.words(option.getValue()).equals(words))
                        .map(Map.Entry::getKey)
                        .findFirst());
    }

    private static Optional<String> lettered(Case of, String said) {
        Matcher lettered = LETTERED.matcher(Markup.words(said));
        return lettered.matches() ? option(of, lettered.group(1)) : Optional.empty();
    }

    /** What stands after the last opening of an answer or closing of a thought, without mark-up. */
    private static String lastAnswer(String completion) {
        int answer = completion.lastIndexOf(Markup.ANSWER_START);
        int thought = completion.lastIndexOf(Markup.THINK_END);
        String rest = answer >= 0
                ? completion.substring(answer + Markup.ANSWER_START.length())
                : thought >= 0 ? completion.substring(thought + Markup.THINK_END.length()) : completion;
        int end = rest.indexOf(Markup.ANSWER_END);
        String said = end >= 0 ? rest.substring(0, end) : rest;
        for (String special : Markup.SPECIAL) {
            said = said.replace(special, " ");
        }
        return said;
    }

    private static Optional<String> nearest(Case of, String said) {
        String words = Markup.words(said);
        String best = null;
        double most = 0;
        for (Map.Entry<String, String> option : of.options().entrySet()) {
            double likeness = TextSimilarity.ratio(Markup.words(option.getValue()), words);
            if (likeness > most) {
                most = likeness;
                best = option.getKey();
            }
        }
        return Optional.ofNullable(best);
    }

    private Grading() {}
}
