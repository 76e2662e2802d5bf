package ai.consilium.reward.rubric.language;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Ways to say something, each a sequence of words. */
public final class Forms {
    private final Map<String, List<List<String>>> byFirstWord = new HashMap<>();

    /** Of sequences; empty ones say nothing. */
    static Forms of(Collection<List<String>> sequences) {
        Forms forms = new Forms();
        sequences.forEach(forms::add);
        return forms;
    }

    /** All of several. */
    static Forms union(Collection<Forms> several) {
        Forms all = new Forms();
        several.forEach(each -> each.byFirstWord.values().forEach(forms -> forms.forEach(all::add)));
        return all;
    }

    /** All but one. */
    Forms without(List<String> sequence) {
        return of(byFirstWord.values().stream()
                .flatMap(List::stream)
                .filter(form -> !form.equals(sequence))
                .toList());
    }

    private void add(List<String> sequence) {
        if (!sequence.isEmpty()) {
            byFirstWord
                    .computeIfAbsent(sequence.get(0), first -> new ArrayList<>())
                    .add(sequence);
        }
    }

    /** How many words the longest form has that stands at a position; 0 when none does. */
    int lengthAt(List<String> words, int at) {
        int longest = 0;
        for (List<String> form : byFirstWord.getOrDefault(words.get(at), List.of())) {
            boolean stands = form.size() > longest
                    && at + form.size() <= words.size()
                    && words.subList(at, at + form.size()).equals(form);
            if (stands) {
                longest = form.size();
            }
        }
        return longest;
    }

    /** Whether a sequence is one of them. */
    boolean contains(List<String> sequence) {
        return !sequence.isEmpty() && lengthAt(sequence, 0) == sequence.size();
    }
}
