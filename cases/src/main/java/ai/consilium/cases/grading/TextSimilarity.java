package ai.consilium.cases.grading;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Ratcliff and Obershelp's likeness to a text, as Python's {@code difflib.SequenceMatcher(None, a, text).ratio()} has it, its
 * rule for long texts included: in one of 200 characters or more, a character that makes up more than 1 % of it begins no match.
 */
final class TextSimilarity {
    /** As many characters of a text are compared: the work grows faster than its length, and answers come from a model. */
    static final int LONGEST = 8192;

    private static final int LONG_TEXT = 200;
    private static final int[] NOWHERE = {};

    private final int[] b;
    /** Where each character stands in b, ascending; without those that begin no match. */
    private final Map<Integer, int[]> places = new HashMap<>();

    /** Parts of both texts, ends excluded. */
    private record Range(int fromA, int toA, int fromB, int toB) {}

    private record Match(int a, int b, int length) {}

    TextSimilarity(String text) {
        b = head(text);
        Map<Integer, Integer> counts = new HashMap<>();
        Arrays.stream(b).forEach(symbol -> counts.merge(symbol, 1, Integer::sum));
        int most = b.length >= LONG_TEXT ? b.length / 100 + 1 : b.length;
        counts.values().removeIf(count -> count > most);
        counts.forEach((symbol, count) -> places.put(symbol, new int[count]));
        Map<Integer, Integer> filled = new HashMap<>();
        for (int j = 0; j < b.length; j++) {
            int[] own = places.get(b[j]);
            if (own != null) {
                own[filled.merge(b[j], 1, Integer::sum) - 1] = j;
            }
        }
    }

    private static int[] head(String text) {
        return text.codePoints().limit(LONGEST).toArray();
    }

    /** Twice the matching characters over all characters, from 0 to 1. */
    double ratio(String other) {
        int[] a = head(other);
        int all = a.length + b.length;
        return all == 0 ? 1 : 2.0 * matches(a) / all;
    }

    private int matches(int[] a) {
        int matches = 0;
        Deque<Range> open = new ArrayDeque<>();
        open.push(new Range(0, a.length, 0, b.length));
        while (!open.isEmpty()) {
            Range range = open.pop();
            Match match = longest(a, range);
            if (match.length() > 0) {
                matches += match.length();
                open.push(new Range(range.fromA(), match.a(), range.fromB(), match.b()));
                open.push(new Range(match.a() + match.length(), range.toA(), match.b() + match.length(), range.toB()));
            }
        }
        return matches;
    }

    /** The longest common run, the earliest in a and then in b, prolonged on both sides. */
    private Match longest(int[] a, Range range) {
        Match best = new Match(range.fromA(), range.fromB(), 0);
        Map<Integer, Integer> before = Map.of();
        for (int i = range.fromA(); i < range.toA(); i++) {
            Map<Integer, Integer> now = new HashMap<>();
            int[] own = places.getOrDefault(a[i], NOWHERE);
            for (int at = first(own, range.fromB()); at < own.length && own[at] < range.toB(); at++) {
                int j = own[at];
                int length = before.getOrDefault(j - 1, 0) + 1;
                now.put(j, length);
                if (length > best.length()) {
                    best = new Match(i - length + 1, j - length + 1, length);
                }
            }
            before = now;
        }
        return prolonged(a, range, best);
    }

    private static int first(int[] ascending, int least) {
        int at = Arrays.binarySearch(ascending, least);
        return at < 0 ? -at - 1 : at;
    }

    private Match prolonged(int[] a, Range range, Match match) {
        int before = 0;
        while (match.a() - before > range.fromA()
                && match.b() - before > range.fromB()
                && a[match.a() - before - 1] == b[match.b() - before - 1]) {
            before++;
        }
        int length = match.length();
        while (match.a() + length < range.toA()
                && match.b() + length < range.toB()
                && a[match.a() + length] == b[match.b() + length]) {
            length++;
        }
        return new Match(match.a() - before, match.b() - before, before + length);
    }
}
