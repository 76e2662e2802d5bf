package ai.consilium.reward.rubric;

import ai.consilium.cases.format.Case;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
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

    /** Whether a rule's score is stated. */
    boolean statesScore(String score);

    /** Which of the phrases are named; where one contains another, the longest counts. */
    Set<String> named(Collection<String> phrases);

    /** Share of the sentences that are sentences, each counted once: lists of words are none. */
    double prose();

    /** Whether the last sentence names one of the candidates, after a sentence that states a finding. */
    boolean concludes(Case.Evidence evidence);
}
