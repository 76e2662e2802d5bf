package ai.consilium.reward.rubric;

import ai.consilium.cases.format.Case;
import ai.consilium.reward.rubric.language.Forms;
import ai.consilium.reward.rubric.language.Lexicon;
import ai.consilium.reward.rubric.language.Sentence;
import ai.consilium.reward.rubric.language.Statements;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Reasoning in sentences. A finding is stated where, in one clause, it is named and said to have its value: in any order, by
 * any of the words that the lexicon knows, and neither denied nor left open ({@link Statements}).
 */
final class NaturalReasoning implements Reading {
    /** Fewer words are no sentence. */
    private static final int SHORTEST = 4;
    /** Of so many words of a sentence one links others; lists have fewer. */
    private static final int WORDS_A_LINK = 5;
    /** A word said more often than this, on average, is padding. */
    private static final int REPEATS = 3;

    private final Lexicon lexicon;
    private final List<Sentence> sentences;
    private final Statements statements;
    private final String rule;

    /** Reads the thought of a completion. @param evidence whose findings and values may be spoken of */
    NaturalReasoning(String completion, Lexicon lexicon, Case.Evidence evidence) {
        this.lexicon = lexicon;
        this.sentences = Sentence.of(NormalizedReasoning.thought(completion));
        this.statements = new Statements(sentences, lexicon, evidence);
        this.rule = evidence.rule();
    }

    @Override
    public List<String> words() {
        return sentences.stream().flatMap(sentence -> sentence.words().stream()).toList();
    }

    @Override
    public boolean says(String phrase) {
        Forms forms = lexicon.forms(phrase);
        return sentences.stream().anyMatch(sentence -> sentence.has(forms));
    }

    @Override
    public OptionalInt endOf(String phrase, int from) {
        Forms forms = lexicon.forms(phrase);
        int before = 0;
        for (Sentence sentence : sentences) {
            int size = sentence.words().size();
            for (int at = Math.max(0, from - before); at < size; at++) {
                int length = sentence.startsAt(forms, at);
                if (length > 0) {
                    return OptionalInt.of(before + at + length);
                }
            }
            before += size;
        }
        return OptionalInt.empty();
    }

    @Override
    public boolean states(Case.Finding finding) {
        return statements.states(finding);
    }

    @Override
    public boolean contradicts(Case.Finding finding, Collection<String> others) {
        return statements.contradicts(finding, others);
    }

    @Override
    public Optional<String> stated(String name, Collection<String> possible) {
        return statements.stated(name, possible);
    }

    @Override
    public Set<String> concluded(Collection<String> phrases) {
        return sentences.isEmpty() ? Set.of() : named(List.of(sentences.get(sentences.size() - 1)), phrases);
    }

    @Override
    public boolean statesScore(String score) {
        return statements.statesScore(rule, score);
    }

    @Override
    public Set<String> named(Collection<String> phrases) {
        return named(sentences, phrases);
    }

    private Set<String> named(List<Sentence> in, Collection<String> phrases) {
        Map<String, Forms> byPhrase = new LinkedHashMap<>();
        phrases.forEach(phrase -> byPhrase.put(phrase, lexicon.forms(phrase)));
        Set<String> named = new LinkedHashSet<>();
        for (Sentence sentence : in) {
            int at = 0;
            while (at < sentence.words().size()) {
                String longest = "";
                int most = 0;
                for (Map.Entry<String, Forms> phrase : byPhrase.entrySet()) {
                    int length = sentence.startsAt(phrase.getValue(), at);
                    if (length > most) {
                        most = length;
                        longest = phrase.getKey();
                    }
                }
                if (most > 0) {
                    named.add(longest);
                }
                at += Math.max(1, most);
            }
        }
        return named;
    }

    @Override
    public double prose() {
        if (sentences.isEmpty()) {
            return 0;
        }
        Set<List<String>> seen = new HashSet<>();
        long good = sentences.stream()
                .filter(sentence -> isProse(sentence) && seen.add(sentence.words()))
                .count();
        return (double) good / sentences.size();
    }

    private boolean isProse(Sentence sentence) {
        int size = sentence.words().size();
        Forms links = lexicon.forms(Lexicon.LINKS);
        long linking = IntStream.range(0, size)
                .filter(at -> sentence.startsAt(links, at) > 0)
                .count();
        return size >= SHORTEST
                && sentence.has(lexicon.forms(Lexicon.VERBS))
                && linking * WORDS_A_LINK >= size
                && Set.copyOf(sentence.words()).size() * REPEATS >= size;
    }

    @Override
    public boolean concludes(Case.Evidence evidence) {
        if (sentences.isEmpty()) {
            return false;
        }
        Sentence last = sentences.get(sentences.size() - 1);
        List<Sentence> earlier = sentences.subList(0, sentences.size() - 1);
        // Not a denied one: "it is not the ward" concludes nothing.
        return statements.affirms(last, lexicon.forms(evidence.candidates()))
                && (earlier.stream().anyMatch(sentence -> sentence.has(statements.names()))
                        || isProse(last) && follows(last, evidence.candidates()));
    }

    /** Whether an option is named behind a finding. */
    private boolean follows(Sentence sentence, Collection<String> options) {
        Forms named = lexicon.forms(options);
        int finding = IntStream.range(0, sentence.words().size())
                .filter(at -> sentence.startsAt(statements.names(), at) > 0)
                .findFirst()
                .orElse(sentence.words().size());
        return IntStream.range(finding, sentence.words().size()).anyMatch(at -> sentence.startsAt(named, at) > 0);
    }
}
