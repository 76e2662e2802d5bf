package ai.consilium.cases.check;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.Wording;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Option texts that read like the letter of another option: nobody can tell which of the two an answer means. */
final class OptionLetters {
    /** {@code C}, {@code (C)}, {@code Option C}. */
    private static final Pattern LETTER = Pattern.compile("\\W*(?:(?:OPTION|ANSWER|CHOICE)\\b)?\\W*([A-Z])\\W*");
    /** {@code C. ward}, {@code (C) ward}. */
    private static final Pattern LETTERED = Pattern.compile("\\(?([A-Z])[.):]\\s.*");

    static List<String> notes(Case of) {
        List<String> notes = new ArrayList<>();
        of.options()
                .forEach((letter, text) -> read(text)
                        .filter(other -> !other.equals(letter) && of.options().containsKey(other))
                        .ifPresent(other -> notes.add(
                                "options." + letter + ": '" + text + "' reads like the letter of option " + other)));
        return notes;
    }

    private static Optional<String> read(String text) {
        String upper = Wording.visible(text).strip().toUpperCase(Locale.ROOT);
        for (Pattern pattern : List.of(LETTER, LETTERED)) {
            Matcher matcher = pattern.matcher(upper);
            if (matcher.matches()) {
                return Optional.of(matcher.group(1));
            }
        }
        return Optional.empty();
    }

    private OptionLetters() {}
}
