package ai.consilium.reward.rubric.language;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** One spelling for words that are the same: British and American, singular and plural, contractions apart. */
final class Spelling {
    private static final Pattern LIGATURE = Pattern.compile("[ao]e");
    private static final Pattern OUR = Pattern.compile("our(?=$|ed$|ing$|able$)");
    private static final Pattern TRE = Pattern.compile("([tb])re$");
    private static final Pattern ISE = Pattern.compile("([iy])s(?=e$|ed$|ing$|ation$)");
    private static final Pattern APOSTROPHE = Pattern.compile("['\u2019]");

    private static final Set<String> BEING =
            Set.of("it", "he", "she", "there", "that", "this", "here", "what", "who", "where", "how");

    /** Shorter words have no endings, but would become one another: four and for. */
    private static final int LONG = 6;
    /** "raised" is no word in -ise. */
    private static final int LONGER = 7;

    /** The words of a word: "isn't" is two, "patient's" is "patient". */
    static List<String> words(String word) {
        String[] parts = APOSTROPHE.split(word, 2);
        if (parts.length == 1) {
            return word.equals("cannot") ? List.of("can", "not") : List.of(plain(word));
        }
        if (parts[1].equals("t") && parts[0].endsWith("n")) {
            String verb = parts[0].equals("can") ? "can" : parts[0].substring(0, parts[0].length() - 1);
            return List.of(verb.equals("wo") ? "will" : plain(verb), "not");
        }
        return switch (parts[1]) {
            case "s" -> BEING.contains(parts[0]) ? List.of(parts[0], "is") : List.of(plain(parts[0]));
            case "re" -> List.of(plain(parts[0]), "are");
            case "m" -> List.of(plain(parts[0]), "am");
            case "ve" -> List.of(plain(parts[0]), "have");
            case "ll" -> List.of(plain(parts[0]), "will");
            default -> List.of(plain(parts[0]), parts[1]);
        };
    }

    private static String plain(String word) {
        String one = singular(word);
        if (one.length() >= LONG) {
            one = LIGATURE.matcher(one).replaceAll("e");
            one = OUR.matcher(one).replaceFirst("or");
        }
        if (one.length() >= LONG - 1) {
            one = TRE.matcher(one).replaceFirst("$1er");
        }
        return one.length() >= LONGER ? ISE.matcher(one).replaceFirst("$1z") : one;
    }

    private static String singular(String word) {
        boolean plural = word.length() >= 4
                && word.endsWith("s")
                && !word.endsWith("ss")
                && !word.endsWith("us")
                && !word.endsWith("is");
        if (!plural) {
            return word;
        }
        if (word.endsWith("ies") && word.length() > 4) {
            return word.substring(0, word.length() - 3) + "y";
        }
        boolean hissing = word.endsWith("sses") || word.endsWith("xes") || word.endsWith("ches");
        return word.substring(0, word.length() - (hissing ? 2 : 1));
    }

    private Spelling() {}
}
