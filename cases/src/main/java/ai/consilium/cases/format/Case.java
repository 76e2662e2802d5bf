package ai.consilium.cases.format;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One question with images, options, a label and a specialty; field names are MedXpertQA's, with the additions of the
 * case format (docs/CASES.md).
 *
 * @param id unique in its file
 * @param specialty for example adult_medicine
 * @param modality for example dermoscopy
 * @param images paths relative to the case file's directory
 * @param question the question
 * @param options text by letter, in letter order
 * @param label letter of the right option
 * @param context patient context by name
 * @param evidence ground truth that guidelines check, or null where there is none (most real cases)
 * @param traces reasoning traces by perspective (text between &lt;think&gt; tags); empty where there are none
 * @param source where it came from; simulated cases say so
 */
public record Case(
        String id,
        String specialty,
        String modality,
        List<String> images,
        String question,
        SortedMap<String, String> options,
        String label,
        Map<String, String> context,
        @Nullable Evidence evidence,
        Map<String, String> traces,
        String source) {
    /** Keeps copies, in the order given. */
    public Case {
        images = List.copyOf(images);
        options = Collections.unmodifiableSortedMap(new TreeMap<>(options));
        context = Collections.unmodifiableMap(new LinkedHashMap<>(context));
        traces = Collections.unmodifiableMap(new LinkedHashMap<>(traces));
    }

    /**
     * What is true of a case beyond its label.
     *
     * @param findings what is to be found, in the rule's order
     * @param rule published rule that decides, for example CURB-65
     * @param score the rule's score as written in a trace, or null where the rule has none
     * @param candidates option texts that a differential must weigh, the right one among them
     */
    public record Evidence(
            List<Finding> findings, String rule, @Nullable String score, List<String> candidates) {
        /** Keeps copies. */
        public Evidence {
            findings = List.copyOf(findings);
            candidates = List.copyOf(candidates);
        }
    }

    /**
     * One finding.
     *
     * @param name for example urea
     * @param value as it stands in a trace, for example high
     * @param from image or text
     * @param abnormal whether it counts towards the rule
     */
    public record Finding(String name, String value, String from, boolean abnormal) {}

    /** Text of the right option. */
    public String answer() {
        return Objects.requireNonNull(options.get(label));
    }
}
