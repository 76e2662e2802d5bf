package ai.consilium.cases.grading;

/** Ratcliff and Obershelp's likeness of two texts, as Python's difflib (which MedEvalKit asks) has it, without its junk rule. */
final class TextSimilarity {
    /** Longest text that is compared: the work grows with the product of the lengths, and answers come from a model. */
    private static final int LONGEST = 512;

    private record Block(int left, int right, int length) {}

    /** Twice the matching characters over all characters, from 0 to 1. */
    static double ratio(String left, String right) {
        String a = head(left);
        String b = head(right);
        int all = a.length() + b.length();
        return all == 0 ? 1 : 2.0 * matches(a, b) / all;
    }

    private static String head(String text) {
        return text.substring(0, Math.min(text.length(), LONGEST));
    }

    private static int matches(String a, String b) {
        Block block = longest(a, b);
        if (block.length() == 0) {
            return 0;
        }
        return block.length()
                + matches(a.substring(0, block.left()), b.substring(0, block.right()))
                + matches(a.substring(block.left() + block.length()), b.substring(block.right() + block.length()));
    }

    /** The longest common run, the earliest in a and then in b. */
    private static Block longest(String a, String b) {
        Block best = new Block(0, 0, 0);
        int[] before = new int[b.length() + 1];
        for (int i = 0; i < a.length(); i++) {
            int[] now = new int[b.length() + 1];
            for (int j = 0; j < b.length(); j++) {
                if (a.charAt(i) == b.charAt(j)) {
                    now[j + 1] = before[j] + 1;
                    if (now[j + 1] > best.length()) {
                        best = new Block(i - now[j + 1] + 1, j - now[j + 1] + 1, now[j + 1]);
                    }
                }
            }
            before = now;
        }
        return best;
    }

    private TextSimilarity() {}
}
