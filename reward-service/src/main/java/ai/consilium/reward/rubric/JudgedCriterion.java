package ai.consilium.reward.rubric;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.cases.format.Case;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A criterion in words, which a judge checks: a model that is asked how far a completion meets it.
 *
 * @param weight its points; negative ones punish what is met
 * @param text what a completion is to do or, with negative points, not to do
 * @param name for people; absent: its text names it
 * @param tags for people
 * @param choices what the judge may answer, worst to best: the first is 0, the last 1, the rest evenly between; absent: met
 *     or not
 */
public record JudgedCriterion(
        double weight,
        String text,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String name,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<String> tags,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<String> choices)
        implements Criterion {
    private static final int SHOWN = 80;
    /** Room in a prompt. */
    private static final int LONGEST = 10_000;

    /** Checks its fields. */
    public JudgedCriterion {
        Criterion.requireWeight(weight);
        require(text != null && !text.isBlank(), "text: what the judge is to look for is needed");
        require(text.length() <= LONGEST, "text: must have at most " + LONGEST + " characters, not " + text.length());
        tags = tags == null ? null : List.copyOf(tags);
        choices = choices == null ? null : choices(choices);
    }

    private static List<String> choices(List<String> written) {
        require(
                written.stream().noneMatch(choice -> choice == null || choice.isBlank()),
                "choices: an empty one cannot be answered");
        List<String> choices = written.stream().map(String::strip).toList();
        require(choices.size() >= 2, "choices: at least two are needed, worst to best, not " + choices);
        require(new HashSet<>(choices).size() == choices.size(), "choices: one stands there twice: " + choices);
        return choices;
    }

    /** Without a judge there is nothing to check it by. */
    @Override
    public Optional<Check> check(Reading reading, Case.Evidence evidence) {
        return Optional.empty();
    }

    /** What it is called, for people. */
    public String label() {
        String label = (name == null || name.isBlank() ? text : name).strip().replaceAll("\\s+", " ");
        return label.length() <= SHOWN ? label : label.substring(0, SHOWN) + "…";
    }
}
