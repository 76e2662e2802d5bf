package ai.consilium.cases.grading;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.Markup;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What MedEvalKit's {@code judge_multi_choice} takes a completion for, step by step (docs/PARITY.md); its options read
 * {@code "A. text"}, as in its MedXpertQA. It always takes one: where nothing is like what was said, the first.
 */
final class CompatAnswer {
    private static final String PARAGRAPH = "\n\n";
    private static final String NO_BOX = "none";
    /**
     * What may come before an answer; looked for in this order, each in what the one before left. MedEvalKit looks for "final
     * answer is" too, of which "final answer" has left nothing.
     */
    private static final List<String> LEADS = List.of(
            "**answer**:",
            "**answer**",
            "*answer*:",
            "**answer:**",
            "answer is",
            "answer:",
            "\u7b54\u6848:",
            "final answer");
    /** Tokens of a chat, which MedEvalKit leaves out when it decodes. */
    private static final List<String> CHAT = List.of(
            Markup.END_OF_TEXT,
            Markup.TURN_START,
            Markup.TURN_END,
            Markup.VISION_START,
            Markup.VISION_END,
            Markup.IMAGE_PAD);

    /** Letter of an option. */
    static String of(Case of, String completion) {
        List<String> letters = new ArrayList<>(of.options().keySet());
        String said = strip(answer(paragraph(lower(elements(withoutChat(completion))), letters)))
                .replace("\n", "");
        String head = head(said, '.');
        String choice = head.substring(head.lastIndexOf(':') + 1);
        return letters.stream()
                .filter(letter -> lower(letter).equals(choice))
                .findFirst()
                .orElseGet(() -> nearest(of, said));
    }

    private static String withoutChat(String completion) {
        String text = completion;
        if (text.contains("<|")) {
            for (String token : CHAT) {
                text = text.replace(token, "");
            }
        }
        return text;
    }

    /** The first paragraph where it is a letter, else the last where it begins with one and a stop. */
    private static String paragraph(String text, List<String> letters) {
        int end = text.indexOf(PARAGRAPH);
        String first = end < 0 ? text : text.substring(0, end);
        String last = head(behindLast(text, PARAGRAPH), '.');
        for (String found : List.of(first, last)) {
            if (letters.stream().anyMatch(letter -> lower(letter).equals(found))) {
                return found;
            }
        }
        return text;
    }

    private static String answer(String text) {
        String said = text;
        if (said.contains("boxed")) {
            said = Boxes.last(said).map(CompatAnswer::strip).orElse(NO_BOX);
        } else if (said.contains(Markup.ANSWER_START)) {
            said = elements(said);
        }
        boolean emphasis = said.indexOf('*') >= 0;
        for (String lead : LEADS) {
            if (emphasis || lead.charAt(0) != '*') {
                said = behindLast(said, lead);
            }
        }
        return said;
    }

    /** The contents of all answer elements; the whole text where there is nothing in them. */
    private static String elements(String text) {
        StringBuilder contents = new StringBuilder();
        int open = text.indexOf(Markup.ANSWER_START);
        while (open >= 0) {
            int from = open + Markup.ANSWER_START.length();
            int close = text.indexOf(Markup.ANSWER_END, from);
            if (close < 0) {
                break;
            }
            contents.append(text, from, close).append(' ');
            open = text.indexOf(Markup.ANSWER_START, close + Markup.ANSWER_END.length());
        }
        String all = strip(contents.toString());
        return all.isEmpty() ? text : all;
    }

    private static String nearest(Case of, String said) {
        TextSimilarity likeness = new TextSimilarity(said);
        String best = of.options().firstKey();
        double most = 0;
        for (var option : of.options().entrySet()) {
            double ratio = likeness.ratio(lower(option.getKey() + ". " + option.getValue()));
            if (ratio > most) {
                most = ratio;
                best = option.getKey();
            }
        }
        return best;
    }

    /** What comes behind the last of a part, where none overlaps the one before: Python's {@code split(part)[-1]}. */
    private static String behindLast(String text, String part) {
        int from = 0;
        int found = text.indexOf(part);
        while (found >= 0) {
            from = found + part.length();
            found = text.indexOf(part, from);
        }
        return text.substring(from);
    }

    private static String head(String text, char end) {
        int at = text.indexOf(end);
        return at < 0 ? text : text.substring(0, at);
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    /** Python's {@code strip()}, which takes no-break spaces off too. */
    private static String strip(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && blank(text.charAt(from))) {
            from++;
        }
        while (to > from && blank(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean blank(char symbol) {
        return Character.isWhitespace(symbol) || Character.isSpaceChar(symbol) || symbol == '\u0085';
    }

    private CompatAnswer() {}
}
