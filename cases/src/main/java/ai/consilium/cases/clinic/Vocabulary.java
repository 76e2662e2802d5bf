package ai.consilium.cases.clinic;

import ai.consilium.cases.format.Markup;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The vocabulary of the tiny model's WordPiece tokenizer, at most 1024 tokens: special tokens, every word of the clinic
 * and of pretraining as one token, integers to 199, frequent words of medical questions, and pieces for all other words.
 */
public final class Vocabulary {
    /** Stands for what has no pieces, such as a foreign letter. */
    public static final String UNKNOWN = "[UNK]";

    /** Marks a piece that continues a word. */
    public static final String CONTINUES = "##";

    private static final int INTEGERS = 200;
    private static final List<String> CLINIC = resource("clinic-words.txt");
    private static final List<String> TOKENS = build();
    private static final Set<String> KNOWN = Set.copyOf(TOKENS);
    private static final List<String> NEUTRAL = neutral();

    /** Every token; the position is the id. */
    public static List<String> tokens() {
        return TOKENS;
    }

    /** The tokens that are matched before text is split, the unknown token among them; ids from 0. */
    public static List<String> special() {
        List<String> special = new ArrayList<>(Markup.SPECIAL);
        special.add(UNKNOWN);
        return List.copyOf(special);
    }

    /** The tokens of a text in canonical words, greedy longest match first, as WordPiece cuts them. */
    public static List<String> split(String text) {
        return words(text).stream().flatMap(word -> pieces(word).stream()).toList();
    }

    /** What the tokenizer cuts first: special tokens wherever they stand, and what white space parts. */
    public static List<String> words(String text) {
        String apart = text;
        for (String special : Markup.SPECIAL) {
            apart = apart.replace(special, " " + special + " ");
        }
        return List.of(apart.strip().split("\\s+"));
    }

    /** Words that belong to no option of the clinic. */
    public static List<String> neutralWords() {
        return NEUTRAL;
    }

    private static List<String> pieces(String word) {
        List<String> pieces = new ArrayList<>();
        int start = 0;
        while (start < word.length()) {
            String lead = start == 0 ? "" : CONTINUES;
            int end = word.length();
            while (end > start && !KNOWN.contains(lead + word.substring(start, end))) {
                end--;
            }
            if (end == start) {
                return List.of(UNKNOWN);
            }
            pieces.add(lead + word.substring(start, end));
            start = end;
        }
        return pieces;
    }

    private static List<String> build() {
        Set<String> tokens = new LinkedHashSet<>(special());
        for (char mark = '!'; mark <= '~'; mark++) {
            if (!Character.isLetterOrDigit(mark)) {
                tokens.add(Character.toString(mark));
            }
        }
        for (int number = 0; number < INTEGERS; number++) {
            tokens.add(Integer.toString(number));
        }
        for (char letter = 'a'; letter <= 'z'; letter++) {
            tokens.add(Character.toString(letter));
            tokens.add(CONTINUES + letter);
        }
        for (char digit = '0'; digit <= '9'; digit++) {
            tokens.add(CONTINUES + digit);
        }
        tokens.addAll(CLINIC);
        tokens.addAll(resource("medical-words.txt"));
        return List.copyOf(tokens);
    }

    private static List<String> neutral() {
        Set<String> ofOptions = Department.ALL.stream()
                .flatMap(department -> department.options().stream())
                .flatMap(option -> split(option).stream())
                .collect(Collectors.toCollection(HashSet::new));
        return TOKENS.stream()
                .filter(token -> token.matches("[a-z]{2,}") && !ofOptions.contains(token))
                .toList();
    }

    private static List<String> resource(String name) {
        try (InputStream in = Vocabulary.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("resource is missing: " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .flatMap(line -> List.of(line.strip().split("\\s+")).stream())
                    .filter(word -> !word.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Vocabulary() {}
}
