package ai.consilium.reward.rubric.language;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Words that mean the same in natural text, and words that have a part in a sentence: those of terms.yaml, and a rubric's own.
 * Case, and the forms of Unicode that read alike, make no difference.
 */
public final class Lexicon {
    private static final Map<String, List<String>> SHIPPED = shipped();
    private static final List<String> UNITS =
            SHIPPED.keySet().stream().filter(term -> term.startsWith("unit ")).toList();

    private static final List<List<String>> SCALES = SHIPPED.entrySet().stream()
            .filter(term -> term.getKey().startsWith("scale "))
            .map(Map.Entry::getValue)
            .toList();

    /** Before what they deny. */
    static final String DENIALS = "denials";
    /** Before what they leave open. */
    static final String DOUBTS = "doubts";
    /** They look like denials and are none. */
    static final String ASSURANCES = "assurances";
    /** They end what a denial reaches, as conjunctions do. */
    static final String SCOPE_ENDS = "scope ends";
    /** After what they deny. */
    static final String EXCLUSIONS = "exclusions";
    /** After what they leave open. */
    static final String RESERVATIONS = "reservations";
    /** After what they say is there. */
    static final String CONFIRMATIONS = "confirmations";
    /** They begin a clause of its own. */
    static final String CONJUNCTIONS = "conjunctions";
    /** After a comma they begin a clause of its own. */
    static final String SUBJECTS = "subjects";
    /** Without one a sentence is a list of words. */
    public static final String VERBS = "verbs";
    /** Words that hold a sentence together: lists of key words have few. */
    public static final String LINKS = "links";
    /** They may stand between a value and its finding. */
    static final String FILLERS = "fillers";
    /** Behind them stands what a value is compared with. */
    static final String REFERENCES = "references";
    /** Before a number that is only a limit from below. */
    static final String AT_LEAST = "at least";
    /** Before a number that is only a limit from above. */
    static final String AT_MOST = "at most";
    /** Before a number that is a sum, though it ends as a limit does: "adds up to". */
    static final String SUMS = "sums";
    /** Behind a number that is only a limit from below. */
    static final String OR_MORE = "or more";
    /** Behind a number that is only a limit from above. */
    static final String OR_LESS = "or less";
    /** Before a number that is not exact. */
    static final String ABOUT = "about";
    /** What a rule's sum is called. */
    static final String SCORES = "scores";
    /** What a rule is called, and sums of other rules. */
    static final String OTHER_SCORES = "other scores";

    /** Values that say that a finding is there. */
    static final Set<String> PRESENT = Set.of("yes", "present");
    /** Values that say that it is not. */
    static final Set<String> ABSENT = Set.of("no", "absent", "none");

    /** With the shipped terms alone. */
    public static final Lexicon USUAL = new Lexicon(Map.of());

    private final Map<String, List<String>> own;
    private final Map<String, Forms> forms = new HashMap<>();

    /** @param own terms of a rubric, beside those that are shipped: other words by the case's own word */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Lexicon(Map<String, List<String>> own) {
        this.own = new LinkedHashMap<>(own);
        Map<String, List<List<String>>> all = new LinkedHashMap<>();
        SHIPPED.forEach((term, others) -> add(all, term, others));
        own.forEach((term, others) -> add(all, term, others));
        all.forEach((term, sequences) -> forms.put(term, Forms.of(sequences)));
        // By their own spelling too: looking up a part of a sentence is the inner loop.
        SHIPPED.keySet().forEach(term -> forms.put(term, Objects.requireNonNull(forms.get(key(term)))));
    }

    /** Whether it has other words for a term. */
    boolean knows(String term) {
        return forms.containsKey(key(term));
    }

    /** The unit that words stand for, or empty where they are none that is known. */
    Optional<String> unit(List<String> words, int at) {
        return at >= words.size()
                ? Optional.empty()
                : UNITS.stream()
                        .filter(unit -> forms(unit).lengthAt(words, at) > 0)
                        .findFirst();
    }

    /** Values that exclude this one, and itself: those of every scale that it is on; empty where it is on none. */
    Set<String> scale(String value) {
        return SCALES.stream()
                .filter(scale -> scale.contains(value))
                .flatMap(List::stream)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** The rubric's own terms, as its file has them. */
    @JsonValue
    public Map<String, List<String>> own() {
        return own;
    }

    private static void add(Map<String, List<List<String>>> forms, String term, Collection<String> others) {
        List<List<String>> known =
                forms.computeIfAbsent(key(term), key -> new ArrayList<>(List.of(Sentence.split(term))));
        others.forEach(other -> known.add(Sentence.split(other)));
    }

    /** Ways to say a term, the term itself among them. */
    public Forms forms(String term) {
        Forms own = forms.get(term);
        Forms known = own == null ? forms.get(key(term)) : own;
        return known == null ? Forms.of(List.of(Sentence.split(term))) : known;
    }

    /** Ways to say one of several terms. */
    public Forms forms(Collection<String> terms) {
        return Forms.union(terms.stream().map(this::forms).toList());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Lexicon lexicon && own.equals(lexicon.own);
    }

    @Override
    public int hashCode() {
        return own.hashCode();
    }

    private static String key(String term) {
        return String.join(" ", Sentence.split(term));
    }

    private static Map<String, List<String>> shipped() {
        try (InputStream in = Lexicon.class.getResourceAsStream("terms.yaml")) {
            if (in == null) {
                throw new IOException("resource terms.yaml is missing");
            }
            return new YAMLMapper().readValue(in, new TypeReference<Map<String, List<String>>>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
