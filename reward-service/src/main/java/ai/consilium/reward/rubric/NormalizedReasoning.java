package ai.consilium.reward.rubric;

import ai.consilium.cases.format.Case;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The reasoning of a completion as words: lower case, letters and digits only, so that spacing and punctuation of a
 * tokenizer make no difference.
 *
 * @param words of the think element, in order; empty where there is none
 */
record NormalizedReasoning(List<String> words) implements Reading {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");
    /** Words at the end that may name what is concluded. */
    private static final int CONCLUSION = 6;

    private static final String OPEN = "<think>";
    private static final String CLOSE = "</think>";

    private record Phrase(String text, List<String> words) {}

    /** Reads the thought of a completion. */
    static NormalizedReasoning of(String completion) {
        return new NormalizedReasoning(split(thought(completion)));
    }

    /** The first think element; one that is never closed ends with the text. Empty where there is none. */
    static String thought(String completion) {
        int open = completion.indexOf(OPEN);
        if (open < 0) {
            return "";
        }
        int from = open + OPEN.length();
        int close = completion.indexOf(CLOSE, from);
        return completion.substring(from, close < 0 ? completion.length() : close);
    }

    /** Words of a text. */
    static List<String> split(String text) {
        return WORD.matcher(text.toLowerCase(Locale.ROOT))
                .results()
                .map(MatchResult::group)
                .toList();
    }

    @Override
    public boolean states(Case.Finding finding) {
        return says(finding.name() + " " + finding.value());
    }

    @Override
    public boolean contradicts(Case.Finding finding, Collection<String> values) {
        List<List<String>> known =
                values.stream().map(NormalizedReasoning::split).toList();
        List<String> name = split(finding.name());
        List<String> value = split(finding.value());
        return positions(name).stream()
                .map(at -> at + name.size())
                .filter(at -> !standsAt(value, at))
                .anyMatch(at -> known.stream().anyMatch(other -> standsAt(other, at)));
    }

    @Override
    public Optional<String> stated(String name, Collection<String> values) {
        List<String> named = split(name);
        String last = null;
        for (int at : positions(named)) {
            int next = at + named.size();
            Optional<String> value = values.stream()
                    .filter(one -> standsAt(split(one), next))
                    .max(Comparator.comparingInt(one -> split(one).size()));
            if (value.isPresent()) {
                last = value.get();
            } else if (next < words.size() && words.get(next).matches("\\d+")) {
                last = words.get(next);
            }
        }
        return Optional.ofNullable(last);
    }

    @Override
    public boolean statesScore(String score) {
        return says("score " + score);
    }

    /** Words have no sentences. */
    @Override
    public double prose() {
        return words.isEmpty() ? 0 : 1;
    }

    @Override
    public boolean concludes(Case.Evidence evidence) {
        return !concluded(evidence.candidates()).isEmpty();
    }

    @Override
    public Set<String> concluded(Collection<String> phrases) {
        List<String> end = words.subList(Math.max(0, words.size() - CONCLUSION), words.size());
        return new NormalizedReasoning(end).named(phrases);
    }

    /** Whether the words of a phrase stand next to each other. */
    @Override
    public boolean says(String phrase) {
        return !positions(split(phrase)).isEmpty();
    }

    @Override
    public OptionalInt endOf(String phrase, int from) {
        List<String> sought = split(phrase);
        return positions(sought).stream()
                .filter(at -> at >= from)
                .mapToInt(at -> at + sought.size())
                .findFirst();
    }

    /** Where a phrase stands. */
    List<Integer> positions(List<String> phrase) {
        List<Integer> found = new ArrayList<>();
        for (int at = 0; !phrase.isEmpty() && at + phrase.size() <= words.size(); at++) {
            if (standsAt(phrase, at)) {
                found.add(at);
            }
        }
        return found;
    }

    /** Whether a phrase stands at a position. */
    boolean standsAt(List<String> phrase, int at) {
        return at + phrase.size() <= words.size()
                && words.subList(at, at + phrase.size()).equals(phrase);
    }

    /** Which of the phrases are named; where one contains another, the longest counts: "no pneumonia" names no pneumonia. */
    @Override
    public Set<String> named(Collection<String> phrases) {
        List<Phrase> longestFirst = phrases.stream()
                .map(phrase -> new Phrase(phrase, split(phrase)))
                .filter(phrase -> !phrase.words().isEmpty())
                .sorted(Comparator.comparingInt(
                                (Phrase phrase) -> phrase.words().size())
                        .reversed())
                .toList();
        Set<String> named = new LinkedHashSet<>();
        int at = 0;
        while (at < words.size()) {
            int next = at + 1;
            for (Phrase phrase : longestFirst) {
                if (standsAt(phrase.words(), at)) {
                    named.add(phrase.text());
                    next = at + phrase.words().size();
                    break;
                }
            }
            at = next;
        }
        return named;
    }
}
