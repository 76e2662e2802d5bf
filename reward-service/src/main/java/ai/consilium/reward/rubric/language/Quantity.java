package ai.consilium.reward.rubric.language;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A number as it is said: "52", "fifty-two", "about 50", "at least 30", "50-60".
 *
 * @param named the number, in each way that it can be read; empty for a range or a limit
 * @param least what it may be at least
 * @param most what it may be at most
 * @param whole whether it is written without decimals
 */
record Quantity(Set<Double> named, double least, double most, boolean whole) {
    private static final Pattern NUMBER = Pattern.compile("\\p{Nd}{1,15}(?:[.,\u00b7]\\p{Nd}{1,15}){0,4}");
    private static final Pattern MARK = Pattern.compile("[.,\u00b7]");
    private static final Pattern THOUSANDS = Pattern.compile("\\p{Nd}{1,3}(?:[.,]\\p{Nd}{3})+");
    private static final Pattern UNIT = Pattern.compile("[\\s/%\u00b0\u2103\u2109]");
    /** How far "about" reaches. */
    private static final double ABOUT = 0.1;

    private static final Map<String, Integer> ONES = Map.ofEntries(
            Map.entry("zero", 0),
            Map.entry("one", 1),
            Map.entry("two", 2),
            Map.entry("three", 3),
            Map.entry("four", 4),
            Map.entry("five", 5),
            Map.entry("six", 6),
            Map.entry("seven", 7),
            Map.entry("eight", 8),
            Map.entry("nine", 9),
            Map.entry("ten", 10),
            Map.entry("eleven", 11),
            Map.entry("twelve", 12),
            Map.entry("thirteen", 13),
            Map.entry("fourteen", 14),
            Map.entry("fifteen", 15),
            Map.entry("sixteen", 16),
            Map.entry("seventeen", 17),
            Map.entry("eighteen", 18),
            Map.entry("nineteen", 19));
    private static final Map<String, Integer> TENS = Map.of(
            "twenty", 20, "thirty", 30, "forty", 40, "fifty", 50, "sixty", 60, "seventy", 70, "eighty", 80, "ninety",
            90);

    /** A quantity in a text. @param end index of the token behind it, its unit left out */
    record Place(Quantity quantity, int end) {}

    /** Whether a token is a number in digits. */
    static boolean isNumber(String token) {
        return Character.isDigit(token.codePointAt(0)) && NUMBER.matcher(token).matches();
    }

    /** The number that a text begins with, as of "52/min"; empty where it begins with none. */
    static Optional<Quantity> leading(String text) {
        String first = UNIT.split(text.strip(), 2)[0];
        return first.isEmpty() || !isNumber(first) ? Optional.empty() : Optional.of(of(first));
    }

    /** Exactly one number. @param token that {@link #isNumber} */
    static Quantity of(String token) {
        Set<Double> readings = new HashSet<>();
        readings.add(reading(token, false));
        if (THOUSANDS.matcher(token).matches()) {
            readings.add(reading(token, true));
        }
        double first = reading(token, false);
        return new Quantity(
                Set.copyOf(readings), first, first, !MARK.matcher(token).find());
    }

    /** The number that stands at a token, in digits or, from a least one on, in words; null where there is none. */
    static @Nullable Place at(List<String> tokens, int at, int leastInWords) {
        String token = tokens.get(at);
        if (isNumber(token)) {
            return new Place(of(token), at + 1);
        }
        int tens = TENS.getOrDefault(token, 0);
        String next = at + 1 < tokens.size() ? tokens.get(at + 1) : "";
        int ones = tens == 0 ? ONES.getOrDefault(token, -1) : ONES.getOrDefault(next, 0);
        boolean both = tens > 0 && ones > 0 && ones < 10;
        int number = tens == 0 ? ones : both ? tens + ones : tens;
        return number < 0 || number < leastInWords
                ? null
                : new Place(new Quantity(Set.of((double) number), number, number, true), at + (both ? 2 : 1));
    }

    Quantity upTo() {
        return new Quantity(Set.of(), Double.NEGATIVE_INFINITY, most, whole);
    }

    Quantity orMore() {
        return new Quantity(Set.of(), least, Double.POSITIVE_INFINITY, whole);
    }

    Quantity about() {
        return new Quantity(named, least - ABOUT * Math.abs(least), most + ABOUT * Math.abs(most), whole);
    }

    Quantity to(Quantity other) {
        return new Quantity(Set.of(), Math.min(least, other.least), Math.max(most, other.most), whole);
    }

    /** Whether this says the very number. */
    boolean is(Quantity number) {
        return number.named.stream().anyMatch(named::contains);
    }

    /** Whether this may mean the number. */
    boolean allows(Quantity number) {
        return is(number) || least <= number.least && number.most <= most;
    }

    private static double reading(String token, boolean thousands) {
        StringBuilder digits = new StringBuilder();
        Matcher mark = MARK.matcher(token);
        int last = -1;
        while (mark.find()) {
            last = mark.start();
        }
        for (int at = 0; at < token.length(); at += Character.charCount(token.codePointAt(at))) {
            int digit = Character.digit(token.codePointAt(at), 10);
            if (digit >= 0) {
                digits.append(digit);
            } else if (at == last && !thousands) {
                digits.append('.');
            }
        }
        return Double.parseDouble(digits.toString());
    }
}
