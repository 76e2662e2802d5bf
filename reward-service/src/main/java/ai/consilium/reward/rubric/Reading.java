package ai.consilium.reward.rubric;

import ai.consilium.cases.format.Case;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The reasoning of a completion, as the criteria of a rubric ask it. */
sealed interface Reading permits NormalizedReasoning, NaturalReasoning {
    /** Its words, in order; empty where there is no reasoning. */
    List<String> words();

    /** Whether a phrase is said. */
    boolean says(String phrase);

    /** Whether a finding is stated with its value. */
    boolean states(Case.Finding finding);

    /** Whether a finding is stated with another value. @param values what counts as one, beside those of the case's findings */
    boolean contradicts(Case.Finding finding, Collection<String> values);

    /**
     * What is said of something: one of the values, or a number. What is said last counts, for a thought may correct itself.
     *
     * @param values the words that it may be
     */
    Optional<String> stated(String name, Collection<String> values);

    /** Which of the phrases the end names. */
    Set<String> concluded(Collection<String> phrases);

    /**
     * Where a phrase ends that is said at or after a word.
     *
     * @param from which word, from 0
     * @return index of the word behind it, or empty
     */
    OptionalInt endOf(String phrase, int from);

    /** How many of the phrases are said one after the other, in their order: the longest such choice. */
    default int inOrder(List<String> phrases) {
        // ends[n]: the first word behind the earliest choice of n phrases.
        int[] ends = new int[phrases.size() + 1];
        Arrays.fill(ends, 1, ends.length, Integer.MAX_VALUE);
        for (String phrase : phrases) {
            for (int n = phrases.size(); n >= 1; n--) {
                if (ends[n - 1] != Integer.MAX_VALUE) {
                    OptionalInt end = endOf(phrase, ends[n - 1]);
                    ends[n] = Math.min(ends[n], end.orElse(Integer.MAX_VALUE));
                }
            }
        }
        int longest = phrases.size();
        while (ends[longest] == Integer.MAX_VALUE) {
            longest--;
        }
        return longest;
    }

    /** Whether a rule's score is stated. */
    boolean statesScore(String score);

    /** Which of the phrases are named; where one contains another, the longest counts. */
    Set<String> named(Collection<String> phrases);

    /** Share of the sentences that are sentences, each counted once: lists of words are none. */
    double prose();

    /** Whether the last sentence names one of the candidates, after a sentence that states a finding. */
    boolean concludes(Case.Evidence evidence);
}
