package ai.consilium.cases.grading;

import java.util.Optional;

/** LaTeX boxes, in which models that were trained on sums put their answers. */
final class Boxes {
    private static final String BOX = "\\boxed{";

    /** Content of the last {@code \boxed{…}}, braces within it in pairs; empty where there is none or it is not closed. */
    static Optional<String> last(String text) {
        int box = text.lastIndexOf(BOX);
        if (box < 0) {
            return Optional.empty();
        }
        int from = box + BOX.length();
        int depth = 1;
        for (int at = from; at < text.length(); at++) {
            char symbol = text.charAt(at);
            if (symbol == '{') {
                depth++;
            } else if (symbol == '}' && --depth == 0) {
                return Optional.of(text.substring(from, at));
            }
        }
        return Optional.empty();
    }

    private Boxes() {}
}
