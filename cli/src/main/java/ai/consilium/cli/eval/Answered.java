package ai.consilium.cli.eval;

import ai.consilium.cases.format.Case;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a policy said to one question.
 *
 * @param adapter who was asked; base is the model alone
 * @param perspective whose instruction was given
 * @param prompt as the model read it, images as marks
 * @param options text by letter; empty for an open question
 * @param label letter of the right option; null where nobody knows
 * @param samples what was said, in order
 */
public record Answered(
        String adapter,
        String perspective,
        String prompt,
        Map<String, String> options,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String label,

        List<Said> samples) {
    /** What would move a terminal's cursor, or turn its letters around. */
    private static final Pattern UNSAFE = Pattern.compile("[\\p{Cc}\\p{Cf}&&[^\\n\\t]]");

    /**
     * One completion.
     *
     * @param letter of the option that it answers with; null where none could be read
     * @param truncated cut at the limit
     */
    public record Said(
            String completion,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String letter,

            int tokens,
            boolean truncated) {}

    static Answered of(
            String adapter, String perspective, String prompt, Case asked, boolean known, List<Said> samples) {
        return new Answered(
                adapter, perspective, prompt, asked.options(), known ? asked.label() : null, List.copyOf(samples));
    }

    /** For people. */
    public String render() {
        StringBuilder text = new StringBuilder();
        for (Said said : samples) {
            text.append(UNSAFE.matcher(said.completion().strip()).replaceAll("\uFFFD"))
                    .append(said.truncated() ? " ...\n(cut after " + said.tokens() + " tokens)" : "")
                    .append("\n\n");
        }
        if (!options.isEmpty()) {
            text.append("answer  ").append(tally()).append('\n');
        }
        if (label != null) {
            text.append("right   ").append(option(label)).append('\n');
        }
        return text.toString();
    }

    private String tally() {
        if (samples.size() == 1) {
            String letter = samples.get(0).letter();
            return letter == null ? "none could be read" : option(letter);
        }
        Map<String, Long> counts = samples.stream()
                .collect(Collectors.groupingBy(
                        said -> Objects.requireNonNullElse(said.letter(), ""), TreeMap::new, Collectors.counting()));
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .map(entry -> String.format(
                        Locale.ROOT,
                        "%s: %d of %d",
                        entry.getKey().isEmpty() ? "none could be read" : option(entry.getKey()),
                        entry.getValue(),
                        samples.size()))
                .collect(Collectors.joining(", "));
    }

    private String option(String letter) {
        return letter + "  "
                + UNSAFE.matcher(String.valueOf(options.get(letter))).replaceAll("\uFFFD");
    }
}
