package ai.consilium.reward.rubric;

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
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Words that mean the same in natural text, and words that have a part in a sentence: those of terms.yaml, and a rubric's own.
 * Case, and the forms of Unicode that read alike, make no difference.
 */
final class Lexicon {
    private static final Map<String, List<String>> SHIPPED = shipped();

    /** Before what they deny. */
    static final String DENIALS = "denials";
    /** After what they deny. */
    static final String EXCLUSIONS = "exclusions";
    /** They begin a clause of its own. */
    static final String CONJUNCTIONS = "conjunctions";
    /** Without one a sentence is a list of words. */
    static final String VERBS = "verbs";
    /** They may stand between a value and its finding. */
    static final String FILLERS = "fillers";
    /** What a rule's sum is called. */
    static final String SCORES = "scores";

    /** Values that say that a finding is there. */
    static final Set<String> PRESENT = Set.of("yes", "present");
    /** Values that say that it is not. */
    static final Set<String> ABSENT = Set.of("no", "absent", "none");

    /** With the shipped terms alone. */
    static final Lexicon USUAL = new Lexicon(Map.of());

    private final Map<String, List<String>> own;
    private final Map<String, Forms> forms = new HashMap<>();

    /** @param own terms of a rubric, beside those that are shipped: other words by the case's own word */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    Lexicon(Map<String, List<String>> own) {
        this.own = new LinkedHashMap<>(own);
        Map<String, List<List<String>>> all = new LinkedHashMap<>();
        SHIPPED.forEach((term, others) -> add(all, term, others));
        own.forEach((term, others) -> add(all, term, others));
        all.forEach((term, sequences) -> forms.put(term, Forms.of(sequences)));
    }

    /** The rubric's own terms, as its file has them. */
    @JsonValue
    Map<String, List<String>> own() {
        return own;
    }

    private static void add(Map<String, List<List<String>>> forms, String term, Collection<String> others) {
        List<List<String>> known =
                forms.computeIfAbsent(key(term), key -> new ArrayList<>(List.of(Sentence.split(term))));
        others.forEach(other -> known.add(Sentence.split(other)));
    }

    /** Ways to say a term, the term itself among them. */
    Forms forms(String term) {
        Forms known = forms.get(key(term));
        return known == null ? Forms.of(List.of(Sentence.split(term))) : known;
    }

    /** Ways to say one of several terms. */
    Forms forms(Collection<String> terms) {
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
